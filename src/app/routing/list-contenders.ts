import type { AgentEntry } from '../../core/registry/agent-entry.js';
import type { AgentProfile } from '../../core/registry/agent-profile.js';
import { healthStateOf } from '../../core/registry/health.js';
import { allAgents } from '../../core/registry/snapshot.js';
import { type Arm, armKey } from '../../core/routing/arm.js';
import {
  type Cell,
  type Estimate,
  type Pool,
  type TaskKind,
  createPool,
  estimateArm,
} from '../../core/routing/estimate.js';
import type { Contender } from '../../core/routing/judge-arm.js';
import { priorOf } from '../../core/routing/prior.js';
import type { ArmTally, RouteStore } from '../../ports/route-store.js';
import type { Workers } from '../../ports/worker.js';
import { type Ancestor, ancestorsOf } from './ancestors.js';
import type { Registry } from '../registry/open-registry.js';
import { restOf } from '../registry/rest-of-agent.js';

export interface ContenderWorld {
  readonly registry: Pick<Registry, 'refresh' | 'snapshot' | 'facts' | 'admits' | 'heard' | 'tryCall'>;
  readonly workers: Pick<Workers, 'lacks' | 'priceOf'>;
  readonly routes: RouteStore;
}

/** Who stands for choice, what is expected of each at this kind of task, and the version of the price table. */
export interface Contenders {
  readonly contenders: readonly Contender[];
  readonly estimateOf: (arm: Arm) => Estimate;
  readonly prices: string;
}

/**
 * All agents of the registry with what they lack, how they stand, what they did so far, and what may be expected of them.
 * An agent whose program, key and runtime are found is heard of by that.
 */
export async function listContenders(
  world: ContenderWorld,
  { kind, nowMs, taskId }: { readonly kind: TaskKind; readonly nowMs: number; readonly taskId: string },
): Promise<Contenders> {
  const { registry, workers, routes } = world;
  const lacks = await findLacks(world, nowMs);
  const entries = allAgents(registry.snapshot());
  const arms = entries.map((entry) => ({ entry, arm: armOf(entry.profile), ...workers.priceOf(entry.profile) }));
  const families = new Map(arms.map(({ arm }) => [armKey(arm), ancestorsOf(registry.facts(), arm)]));
  const before = [...families.values()].flat().map(({ key }) => key);
  const cells = cellsOf(await routes.tally([...new Set([...families.keys(), ...before])]));
  const pool = createPool(cells.values());
  const estimates = new Map(
    arms.map((one) => {
      const key = armKey(one.arm);
      return [
        key,
        estimateOne(pool, { own: cells.get(key) ?? [], inherited: inherit(cells, families.get(key) ?? []) }, one, kind),
      ];
    }),
  );
  return {
    contenders: arms.map(({ entry, arm }) => ({
      arm,
      entry,
      costMicroUsd: estimates.get(armKey(arm))?.costMicroUsd ?? null,
      lacks: lacks.get(arm.agent) ?? null,
      withheld: null,
      openUntilMs: restOf(registry, entry.profile, taskId)?.untilMs ?? null,
    })),
    estimateOf: (arm) => estimates.get(armKey(arm)) ?? unknownArm(arm),
    prices: arms[0]?.table ?? '',
  };
}

/** What each agent lacks on this machine; null: nothing. */
async function findLacks(
  { registry, workers }: ContenderWorld,
  nowMs: number,
): Promise<ReadonlyMap<string, string | null>> {
  await registry.refresh();
  const found = new Map<string, string | null>();
  for (const { profile, health } of allAgents(registry.snapshot())) {
    const lack = await workers.lacks(profile);
    found.set(profile.name, lack);
    if (lack === null && healthStateOf(health, nowMs) === 'stale') await registry.heard(profile.name);
  }
  return found;
}

function armOf({ name, version, model }: AgentProfile): Arm {
  return { agent: name, version, model: model ?? '' };
}

function estimateOne(
  pool: Pool,
  { own, inherited }: { readonly own: readonly Cell[]; readonly inherited: readonly Cell[] },
  { entry: { profile }, price }: { entry: AgentEntry; arm: Arm; price: AgentProfile['price'] },
  kind: TaskKind,
): Estimate {
  const prior = priorOf({ model: profile.model, family: profile.family, price }, null);
  return estimateArm(pool, own, prior, kind, inherited);
}

/** What the versions before it did, worth as much less as was said when it took over from them. */
function inherit(cells: ReadonlyMap<string, readonly Cell[]>, ancestors: readonly Ancestor[]): readonly Cell[] {
  return ancestors.flatMap(({ key, weight }) =>
    (cells.get(key) ?? []).map((cell) => ({ ...cell, outcomes: cell.outcomes * weight })),
  );
}

/** Sums by arm, as histories of shares and means. */
function cellsOf(tallies: readonly ArmTally[]): ReadonlyMap<string, readonly Cell[]> {
  const cells = new Map<string, Cell[]>();
  for (const { arm, surface, complexity, repository, count, reward, costMicroUsd, latencyMs } of tallies) {
    const mean = { success: reward / count, costMicroUsd: costMicroUsd / count, latencyMs: latencyMs / count };
    const cell: Cell = { surface, complexity, repository, outcomes: count, ...mean };
    const known = cells.get(arm);
    if (known === undefined) cells.set(arm, [cell]);
    else known.push(cell);
  }
  return cells;
}

function unknownArm(arm: Arm): never {
  throw new Error(`no estimate was made for ${armKey(arm)}`);
}
