import { logEvidence } from './bet.js';
import type { EndCause, Rollout } from './rollout.js';
import type { RolloutEvent } from './rollout-event.js';
import { stageAbove } from './stage.js';

/** How the risk of taking a good candidate back is divided: four fifths for its rewards, one for its faults. */
const shares = { harm: 0.8, errors: 0.2 } as const;

/** e-values that the bets have to reach: `merit` for a step up, `harm` and `errors` for the way back. */
export function thresholdsOf({
  alpha,
}: Pick<Rollout['options'], 'alpha'>): Readonly<Record<'harm' | 'merit' | 'errors', number>> {
  return { merit: 1 / alpha, harm: 1 / (alpha * shares.harm), errors: 1 / (alpha * shares.errors) };
}

/**
 * What follows from what was observed, by the tests alone: back to the incumbent, a stage up, or nothing (null). A good
 * candidate is taken back with probability at most α however often this is asked, and one that is worse by the margin is
 * given more tasks with probability at most α.
 */
export function judgeRollout(rollout: Rollout, atMs: number): RolloutEvent | null {
  if (rollout.state !== 'running') return null;
  return takeBack(rollout, atMs) ?? stepUp(rollout, atMs);
}

function takeBack(rollout: Rollout, at_ms: number): RolloutEvent | null {
  const { comparison, options, stage } = rollout;
  const limits = thresholdsOf(options);
  const back = (cause: EndCause, why: string): RolloutEvent => ({
    type: 'rollout-ended',
    at_ms,
    state: 'rolled-back',
    cause,
    by: null,
    why,
  });
  const { incumbent, candidate } = comparison.tally;
  if (reached(comparison.errors, limits.errors)) {
    const rates = `${candidate.faults} faults in ${candidate.outcomes} outcomes of the candidate, ${incumbent.faults} in ${incumbent.outcomes} of the incumbent`;
    return back('error-spike', `${rates}; ${said(comparison.errors, limits.errors)}`);
  }
  if (reached(comparison.harm, limits.harm)) {
    const means = `mean reward ${meanOf(candidate)} of the candidate, ${meanOf(incumbent)} of the incumbent`;
    return back('regression', `${means}; ${said(comparison.harm, limits.harm)}`);
  }
  if (stage === 'full' && comparison.drift.alarms > 0 && isSince(rollout)) {
    return back('drift', 'the candidate fell from its own level (cumulative sum above its threshold)');
  }
  return null;
}

function isSince({ comparison, full_since_ms }: Rollout): boolean {
  const { alarmed_at_ms } = comparison.drift;
  return alarmed_at_ms !== null && full_since_ms !== null && alarmed_at_ms >= full_since_ms;
}

function stepUp({ comparison, options, stage, stage_outcomes, shadow }: Rollout, at_ms: number): RolloutEvent | null {
  const next = stageAbove(stage);
  if (next === null) return null;
  const reach = (why: string): RolloutEvent => ({ type: 'stage-reached', at_ms, stage: next, by: null, why });
  if (stage === 'shadow') {
    const { decided, agreed } = shadow;
    return decided < options.shadow_decisions
      ? null
      : reach(`${decided} decisions logged in its shadow, ${agreed} agreed`);
  }
  const { merit } = thresholdsOf(options);
  if (stage_outcomes < options.least || !reached(comparison.merit, merit)) return null;
  const bound = `not worse by ${options.margin}`;
  return reach(`${bound} after ${stage_outcomes} outcomes in ${stage}; ${said(comparison.merit, merit)}`);
}

function reached(bet: Rollout['comparison']['harm'], limit: number): boolean {
  return logEvidence(bet) >= Math.log(limit);
}

function said(bet: Rollout['comparison']['harm'], limit: number): string {
  return `e-value ${Math.exp(logEvidence(bet)).toPrecision(3)} of ${limit.toPrecision(3)} wanted`;
}

function meanOf({ outcomes, reward }: Rollout['comparison']['tally']['candidate']): string {
  return outcomes === 0 ? 'unknown' : (reward / outcomes).toFixed(3);
}
