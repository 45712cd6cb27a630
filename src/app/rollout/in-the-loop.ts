import { maskByRollout, policyByRollout } from '../../core/rollout/admit.js';
import type { Rollout } from '../../core/rollout/rollout.js';
import type { RouteDecision } from '../../core/routing/decision.js';
import { policyVersion } from '../../core/routing/policies/create-policy.js';
import { type PolicyOptions, policyOptionsSchema } from '../../core/routing/policy-options.js';
import type { Surface } from '../../core/routing/surface.js';
import type { RolloutStore } from '../../ports/rollout-store.js';
import type { RoutedOutcome } from '../../ports/route-store.js';
import { listRollouts } from './change-rollout.js';
import { observe } from './observe.js';

/** How the rollouts bear on a choice: who is kept from it and why (null: not), and by which policy it is made. */
export interface Bearing {
  readonly withheld: (key: string) => string | null;
  readonly policy: PolicyOptions;
}

/** The bearing on one task, and for each rollout in its shadow the bearing as the candidate would have it. */
export interface RolloutBearing extends Bearing {
  /** Where nobody else can be asked, such as when the candidate lacks something: the incumbents may be, too. */
  readonly otherwise: Bearing;
  readonly shadows: readonly (Bearing & { readonly rollout: Rollout })[];
}

/** Asks the rollouts about a task whose router would decide by the `usual` policy; `tried`: keys of arms. */
export async function askRollouts(
  store: RolloutStore,
  { taskId, surface, tried }: { readonly taskId: string; readonly surface: Surface; readonly tried: readonly string[] },
  usual: PolicyOptions,
): Promise<RolloutBearing> {
  const rollouts = await listRollouts(store);
  const withheldAfter = (before: readonly string[]) => (key: string) =>
    maskByRollout({ key, taskId, surface, tried: before }, rollouts)?.detail ?? null;
  const withheld = withheldAfter(tried);
  const policy = optionsOf(policyByRollout(keyOf(usual), { taskId, surface }, rollouts), usual);
  const shadows = rollouts
    .filter(({ state, stage, surface: on }) => state === 'running' && stage === 'shadow' && (on ?? surface) === surface)
    .map((rollout) => ({ rollout, ...inShadow(rollout, { withheld, policy }) }));
  const otherwise = { policy, withheld: withheldAfter(rollouts.map(({ subject }) => subject.candidate)) };
  return { withheld, policy, otherwise, shadows };
}

function inShadow({ subject }: Rollout, real: Bearing): Bearing {
  if (subject.kind === 'policy') return { ...real, policy: optionsOf(subject.candidate, real.policy) };
  const instead = (key: string): string | null => {
    if (key === subject.candidate) return null;
    return key === subject.incumbent ? 'its candidate stands in its place' : real.withheld(key);
  };
  return { ...real, withheld: instead };
}

function keyOf({ name }: PolicyOptions): string {
  return `${name}@${policyVersion}`;
}

/** The usual policy as it is configured; another one with its own defaults, and the same trade and floor. */
function optionsOf(key: string, usual: PolicyOptions): PolicyOptions {
  if (key === keyOf(usual)) return usual;
  return policyOptionsSchema.parse({ name: key.slice(0, key.indexOf('@')), trade: usual.trade, floor: usual.floor });
}

/**
 * Logs what the candidates in their shadows would have chosen beside a decision: `choose` answers the agent, or null for
 * nobody. One that cannot decide does not agree, and keeps nobody from working.
 */
export async function logShadows(
  store: RolloutStore,
  shadows: RolloutBearing['shadows'],
  decision: RouteDecision,
  choose: (bearing: Bearing) => string | null,
): Promise<void> {
  if (decision.cause !== 'first') return;
  for (const { rollout, ...bearing } of shadows) {
    const agreed = chooseAside(choose, bearing) === standInOf(rollout, decision);
    const { candidate: key } = rollout.subject;
    const { task_id, surface, at_ms } = decision;
    await observe(store, { type: 'shadow', task_id, key, surface, agreed, at_ms });
  }
}

function chooseAside(choose: (bearing: Bearing) => string | null, bearing: Bearing): string | null {
  try {
    return choose(bearing);
  } catch {
    return null;
  }
}

/** Whom a candidate that agrees would have chosen: the same, and itself in the incumbent's place. */
function standInOf({ subject }: Rollout, { chosen }: RouteDecision): string {
  const nameOf = (key: string): string => key.slice(0, key.indexOf('@'));
  return subject.kind !== 'policy' && chosen === nameOf(subject.incumbent) ? nameOf(subject.candidate) : chosen;
}

/**
 * Tells the rollouts what a task's first decision came to, for the arm that was drawn and for the policy that drew it.
 * Said again it is known. Outcomes that nothing is learned from, fallbacks, and later steps of a plan are no part of it.
 */
export async function tellRollouts(
  store: RolloutStore,
  { cause, task_id, surface, policy }: RouteDecision,
  { arm, reward, verdict, atMs }: RoutedOutcome,
): Promise<void> {
  if (cause !== 'first' || reward === null) return;
  for (const key of [arm, `${policy.id}@${policy.version}`]) {
    await observe(store, { type: 'outcome', task_id, key, surface, reward, fault: verdict === 'FAULT', at_ms: atMs });
  }
}
