import { agentOfStand, versionOfStand } from '../../core/registry/stand.js';
import { dividesPolicy, maskByRollout, policyByRollout, policyOf } from '../../core/rollout/admit.js';
import type { Rollout } from '../../core/rollout/rollout.js';
import { type Arm, armKey } from '../../core/routing/arm.js';
import type { RouteDecision } from '../../core/routing/decision.js';
import { policyKey } from '../../core/routing/policy-key.js';
import type { PolicyOptions } from '../../core/routing/policy-options.js';
import type { Surface } from '../../core/routing/surface.js';
import type { RolloutStore } from '../../ports/rollout-store.js';
import type { RoutedOutcome } from '../../ports/route-store.js';
import { observe } from './observe.js';

/** How the rollouts bear on a choice: who is kept from it and why (null: not), and by which policy it is made. */
export interface Bearing {
  readonly withheld: (arm: Arm) => string | null;
  readonly policy: PolicyOptions;
}

/** The bearing on one task, and for each rollout in its shadow the bearing as the candidate would have it. */
export interface RolloutBearing extends Bearing {
  /** Where nobody else can be asked, such as when the candidate lacks something: the incumbents may be, too. */
  readonly otherwise: Bearing;
  readonly shadows: readonly (Bearing & { readonly rollout: Rollout })[];
}

/** Asks the rollouts (newest first) about a task whose router would decide by the `usual` policy; `tried`: keys of arms. */
export function askRollouts(
  rollouts: readonly Rollout[],
  { taskId, surface, tried }: { readonly taskId: string; readonly surface: Surface; readonly tried: readonly string[] },
  usual: PolicyOptions,
): RolloutBearing {
  const withheldAfter =
    (before: readonly string[]) =>
    (arm: Arm): string | null => {
      const isBeside = versionOfStand(arm.agent) !== null;
      return maskByRollout({ key: armKey(arm), isBeside, taskId, surface, tried: before }, rollouts)?.detail ?? null;
    };
  const withheld = withheldAfter(tried);
  const policy = policyByRollout(usual, { taskId, surface }, rollouts);
  const shadows = rollouts
    .filter(({ state, stage, surface: on }) => state === 'running' && stage === 'shadow' && (on ?? surface) === surface)
    .filter((rollout) => rollout.subject.kind !== 'policy' || dividesPolicy(rollout, usual))
    .map((rollout) => ({ rollout, ...inShadow(rollout, { withheld, policy }) }));
  const otherwise = { policy, withheld: withheldAfter(rollouts.map(({ subject }) => subject.candidate)) };
  return { withheld, policy, otherwise, shadows };
}

function inShadow(rollout: Rollout, real: Bearing): Bearing {
  const { subject } = rollout;
  if (subject.kind === 'policy') return { ...real, policy: policyOf(rollout, 'candidate') };
  const instead = (arm: Arm): string | null => {
    const key = armKey(arm);
    if (key === subject.candidate) return null;
    return key === subject.incumbent ? 'its candidate stands in its place' : real.withheld(arm);
  };
  return { ...real, withheld: instead };
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
  // Where a session keeps its agent every policy agrees, and it says nothing.
  if (decision.cause !== 'first' || decision.affinity?.kept === true) return;
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
function standInOf({ subject, brought }: Rollout, { chosen }: RouteDecision): string {
  if (subject.kind === 'policy' || chosen !== agentOfStand(subject.incumbent)) return chosen;
  return brought?.what === 'version' ? subject.candidate : agentOfStand(subject.candidate);
}

/**
 * Tells the rollouts what a task's first decision came to, for the arm that was drawn and for the policy that drew it.
 * Said again it is known. Outcomes that nothing is learned from, fallbacks, and later steps of a plan are no part of it.
 */
export async function tellRollouts(
  store: RolloutStore,
  { cause, task_id, surface, policy, affinity }: RouteDecision,
  { arm, reward, verdict, atMs }: RoutedOutcome,
): Promise<void> {
  if (cause !== 'first' || reward === null) return;
  // An agent that a session kept was chosen by no policy.
  for (const key of affinity?.kept === true ? [arm] : [arm, policyKey(policy.options)]) {
    await observe(store, { type: 'outcome', task_id, key, surface, reward, fault: verdict === 'FAULT', at_ms: atMs });
  }
}
