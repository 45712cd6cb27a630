import { newBet, playRound } from './bet.js';
import { newDriftWatch, watchOutcome } from './drift-watch.js';
import type { Comparison, RolloutOptions, Side } from './rollout.js';

const noTally = { outcomes: 0, reward: 0, faults: 0 };

/** A comparison before the first outcome. */
export const newComparison: Comparison = {
  harm: newBet,
  merit: newBet,
  errors: newBet,
  waiting: { incumbent: [], candidate: [] },
  tally: { incumbent: noTally, candidate: noTally },
  drift: newDriftWatch,
};

/** What was seen: `reward` in [0, 1]; a fault counts as reward 0, and towards the rate of faults. */
export interface Observed {
  readonly side: Side;
  readonly reward: number;
  readonly fault: boolean;
  readonly at_ms: number;
}

/** Outcomes of one side that wait for the other's at most; the oldest go first, whatever they were. */
const maxWaiting = 200;

/** A fall smaller than this is not watched for: telling it from luck would take longer than it matters. */
const leastDrop = 0.05;

/**
 * Counts one outcome: in the tally, in the candidate's fault rate and drift, and in the comparison of both sides, while
 * both get tasks (0 < `percent` < 100).
 */
export function compareOutcome(
  comparison: Comparison,
  { side, reward, fault, at_ms }: Observed,
  percent: number,
  options: RolloutOptions,
): Comparison {
  const worth = fault ? 0 : reward;
  const { outcomes, reward: sum, faults } = comparison.tally[side];
  const counted: Comparison = {
    ...comparison,
    ...(side === 'candidate' ? watchCandidate(comparison, worth, { fault, at_ms }, options) : {}),
    tally: {
      ...comparison.tally,
      [side]: { outcomes: outcomes + 1, reward: sum + worth, faults: faults + (fault ? 1 : 0) },
    },
  };
  if (percent <= 0 || percent >= 100) return counted;
  const waiting = { ...counted.waiting, [side]: [...counted.waiting[side], worth].slice(-maxWaiting) };
  return playPair({ ...counted, waiting }, Math.max(1, Math.round((100 - percent) / percent)), options.margin);
}

function watchCandidate(
  { errors, drift }: Comparison,
  worth: number,
  { fault, at_ms }: Pick<Observed, 'fault' | 'at_ms'>,
  { fault_rate: usual, margin, outcomes_per_year }: RolloutOptions,
): Pick<Comparison, 'errors' | 'drift'> {
  return {
    errors: playRound(errors, (fault ? 1 : 0) - usual, usual),
    drift: watchOutcome(drift, worth, at_ms, { outcomes_per_year, drop: Math.max(leastDrop, margin) }),
  };
}

/**
 * Pairs an outcome of the candidate with as many of the incumbent as the percentage makes come for one (9, 3, 1), in the
 * order in which they came: D = candidate − mean(incumbents) in [−1, 1], of mean Δ, the true difference. `harm` bets on
 * −D, `merit` on D + margin. Who waits for whom is decided by counts alone, never by what the outcomes were.
 */
function playPair(comparison: Comparison, incumbents: number, margin: number): Comparison {
  const { waiting, harm, merit } = comparison;
  const [candidate] = waiting.candidate;
  if (candidate === undefined || waiting.incumbent.length < incumbents) return comparison;
  const others = waiting.incumbent.slice(0, incumbents);
  const difference = candidate - others.reduce((sum, reward) => sum + reward, 0) / incumbents;
  return {
    ...comparison,
    waiting: { candidate: waiting.candidate.slice(1), incumbent: waiting.incumbent.slice(incumbents) },
    harm: playRound(harm, -difference, 1),
    merit: playRound(merit, difference + margin, 1 - margin),
  };
}
