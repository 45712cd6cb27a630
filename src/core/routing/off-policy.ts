import { z } from 'zod';
import { refuseInput } from './routing-fault.js';

/** One recorded decision with its outcome, seen from another policy. All values finite. */
export interface OffPolicySample {
  /** Probability with which the log's policy chose what it chose; above 0. */
  readonly propensity: number;
  /** Probability with which the other policy would have chosen the same. */
  readonly target: number;
  /** What came of it, in [0, 1]. */
  readonly reward: number;
  /** Reward that a model predicts for what was chosen. */
  readonly predicted: number;
  /** Reward that the model expects under the other policy: Σ π(a)·q(a). */
  readonly expected: number;
  /** Probability of the other policy on arms that the log's policy could never have chosen. */
  readonly uncovered: number;
}

const estimateSchema = z.strictObject({
  value: z.number(),
  standard_error: z.number().nonnegative(),
  low: z.number(),
  high: z.number(),
});

/** What another policy would have earned by the log, or why nothing can be said. `low` and `high`: 95 %, normal. */
export const offPolicyReportSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('estimated'),
      decisions: z.number().int().positive(),
      logged: estimateSchema.describe('What the log’s own policy earned.'),
      ips: estimateSchema,
      snips: estimateSchema,
      dr: estimateSchema,
      effective: z.number().describe('Effective sample size: (Σw)² / Σw².'),
      greatest_weight: z.number(),
      uncovered: z.number().describe('Mean probability on arms that the log could not have chosen.'),
    }),
    z.strictObject({
      kind: z.literal('refused'),
      decisions: z.number().int().nonnegative(),
      effective: z.number(),
      uncovered: z.number(),
      why: z.string(),
      mend: z.string(),
    }),
  ])
  .meta({ id: 'OffPolicyReport' });
export type OffPolicyReport = z.infer<typeof offPolicyReportSchema>;

/** Below these nothing is reported. */
export interface OffPolicyFloor {
  /** Least effective sample size. */
  readonly effective: number;
  /** Greatest mean probability of the other policy that the log does not cover. */
  readonly uncovered: number;
}

const usualFloor: OffPolicyFloor = { effective: 30, uncovered: 0.05 };

/**
 * What would another policy have earned? Inverse propensity scoring, its self-normalised form and the doubly robust
 * estimate, with their standard errors (SNIPS by the delta method). Refuses below the floor rather than give a number
 * that a handful of decisions made. @throws ROUTING_INPUT_INVALID naming the decision that is out of its domain
 * @see Swaminathan and Joachims, "The self-normalized estimator for counterfactual learning", NIPS 2015
 * @see Dudík, Langford and Li, "Doubly robust policy evaluation and learning", ICML 2011
 */
export function evaluateOffPolicy(
  samples: readonly OffPolicySample[],
  floor: OffPolicyFloor = usualFloor,
): OffPolicyReport {
  samples.forEach(checkSample);
  const weights = samples.map(({ target, propensity }) => target / propensity);
  const total = sumOf(weights);
  const squares = sumOf(weights.map((weight) => weight * weight));
  const effective = squares === 0 ? 0 : (total * total) / squares;
  const uncovered = samples.length === 0 ? 0 : sumOf(samples.map((one) => one.uncovered)) / samples.length;
  const refusal = refuseBelow(floor, effective, uncovered);
  if (refusal !== null) return { kind: 'refused', decisions: samples.length, effective, uncovered, ...refusal };
  const weightAt = (at: number): number => weights[at] ?? 0;
  const ratio = sumOf(samples.map((one, at) => weightAt(at) * one.reward)) / total;
  const meanWeight = total / samples.length;
  return {
    kind: 'estimated',
    decisions: samples.length,
    logged: meanOf(samples.map((one) => one.reward)),
    ips: meanOf(samples.map((one, at) => weightAt(at) * one.reward)),
    snips: meanOf(samples.map((one, at) => ratio + (weightAt(at) * (one.reward - ratio)) / meanWeight)),
    dr: meanOf(samples.map((one, at) => one.expected + weightAt(at) * (one.reward - one.predicted))),
    effective,
    greatest_weight: weights.reduce((most, weight) => Math.max(most, weight), 0),
    uncovered,
  };
}

function refuseBelow(
  floor: OffPolicyFloor,
  effective: number,
  uncovered: number,
): { readonly why: string; readonly mend: string } | null {
  if (uncovered > floor.uncovered) {
    return {
      why: `${(100 * uncovered).toFixed(1)} % of what that policy would choose, the log’s could never have chosen`,
      mend: 'log with a floor above 0, so that every eligible arm has some probability',
    };
  }
  if (effective >= floor.effective) return null;
  return {
    why: `the log is worth ${effective.toFixed(1)} decisions of that policy, and ${floor.effective} are wanted`,
    mend: 'gather more outcomes, log with a floor above 0, or ask about a policy nearer to the log’s',
  };
}

function checkSample(sample: OffPolicySample, at: number): void {
  const { propensity, target, reward, predicted, expected, uncovered } = sample;
  if (!(propensity > 0 && propensity <= 1 + 1e-9)) {
    throw refuseInput(
      `the propensity of decision ${at + 1} is ${propensity}`,
      'only what could be chosen is evaluated',
    );
  }
  for (const [name, value] of Object.entries({ target, reward, uncovered })) {
    if (value >= 0 && value <= 1 + 1e-9) continue;
    throw refuseInput(`the ${name} of decision ${at + 1} is ${value}`, 'it is a number from 0 to 1');
  }
  if (!Number.isFinite(predicted) || !Number.isFinite(expected)) {
    throw refuseInput(`the prediction of decision ${at + 1} is no number`, 'predict 0 where nothing is known');
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function meanOf(values: readonly number[]): z.infer<typeof estimateSchema> {
  const value = sumOf(values) / values.length;
  const variance = sumOf(values.map((one) => (one - value) ** 2)) / Math.max(1, values.length - 1);
  const standard_error = Math.sqrt(variance / values.length);
  return { value, standard_error, low: value - 1.96 * standard_error, high: value + 1.96 * standard_error };
}
