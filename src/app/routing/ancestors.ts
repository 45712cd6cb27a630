import { agentOfStand, standName } from '../../core/registry/stand.js';
import type { Arm } from '../../core/routing/arm.js';
import type { RegistryFacts } from '../registry/registry-facts.js';

/** A version that another one started from, and what an outcome of it counts as there. */
export interface Ancestor {
  /** `agent@version`. */
  readonly key: string;
  readonly weight: number;
}

/** What counts for less than this is left out. */
const least = 0.05;

/** Versions that an arm's version started from, the nearest first; each discount is taken off on the way. */
export function ancestorsOf(
  { versions }: Pick<RegistryFacts, 'versions'>,
  { agent, version }: Arm,
): readonly Ancestor[] {
  const name = agentOfStand(agent);
  const found: Ancestor[] = [];
  const seen = new Set([version]);
  let weight = 1;
  for (let record = versions.get(name)?.get(version)?.record ?? null; record !== null && record.parent !== null;) {
    weight *= record.discount;
    if (weight < least || seen.has(record.parent)) break;
    seen.add(record.parent);
    found.push({ key: standName(name, record.parent), weight });
    record = versions.get(name)?.get(record.parent)?.record ?? null;
  }
  return found;
}
