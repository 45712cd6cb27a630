import { z } from 'zod';
import type { AgentHistory } from './history.js';
import { meanOf, varianceOf } from './moments.js';
import { quantileOf, scaleSketch, sketchSchema } from './quantile-sketch.js';

const share = z.number().min(0).max(1);
const amount = z.number().nonnegative().finite();

/** What a version took over from the one before it on one surface and complexity, already discounted. */
export const inheritedSchema = z.strictObject({
  /** How many outcomes of its own this is worth. */
  evidence: amount,
  success: share,
  reward: share,
  cost_micro_usd: amount,
  latency_ms: amount,
  latency_sketch: sketchSchema,
});
export type Inherited = z.infer<typeof inheritedSchema>;

/** How a version of an agent fares, as it is shown and as an estimate starts from it. */
export const performanceSchema = z.strictObject({
  surface: z.string(),
  complexity: z.string(),
  n: z.number().int().nonnegative().describe('Outcomes of this version.'),
  evidence: amount.describe('Outcomes that the figures rest on, what was inherited included.'),
  success: share.nullable().describe('Share that passed.'),
  reward: share.nullable(),
  reward_sd: amount.nullable().describe('Standard deviation of its own rewards.'),
  cost_micro_usd: amount.nullable(),
  latency_ms: amount.nullable(),
  latency_p50_ms: amount.nullable().describe('Quantiles are within 2 %.'),
  latency_p90_ms: amount.nullable(),
  latency_p99_ms: amount.nullable(),
});
export type Performance = z.infer<typeof performanceSchema>;

/** What is known of a version on a surface and complexity: its own outcomes, and what it inherited. */
export function summarise(
  where: { readonly surface: string; readonly complexity: string },
  history: AgentHistory,
  inherited: Inherited | null,
): Performance {
  const weight = inherited?.evidence ?? 0;
  const { n } = history;
  const pooled = (own: number | null, taken: number | undefined): number | null => {
    if (taken === undefined || weight === 0) return own;
    // The running mean, weighted: what was inherited counts as `weight` outcomes that came first.
    return own === null ? taken : taken + ((own - taken) * n) / (weight + n);
  };
  const variance = varianceOf(history.reward);
  const sketches = [history.latency_sketch, inherited?.latency_sketch ?? {}];
  return {
    ...where,
    n,
    evidence: n + weight,
    success: pooled(n === 0 ? null : history.passed / n, inherited?.success),
    reward: pooled(scaled(meanOf(history.reward)), inherited?.reward),
    reward_sd: variance === null ? null : Math.sqrt(variance) / 1_000_000,
    cost_micro_usd: pooled(meanOf(history.cost), inherited?.cost_micro_usd),
    latency_ms: pooled(meanOf(history.latency), inherited?.latency_ms),
    latency_p50_ms: quantileOf(sketches, 0.5),
    latency_p90_ms: quantileOf(sketches, 0.9),
    latency_p99_ms: quantileOf(sketches, 0.99),
  };
}

function scaled(millionths: number | null): number | null {
  return millionths === null ? null : Math.min(1, millionths / 1_000_000);
}

/**
 * What the next version starts from: what is known of this one, worth `discount` (0..1) as many outcomes. Null where
 * nothing is known, or nothing is to be kept.
 */
export function inherit(
  known: Performance,
  history: AgentHistory,
  before: Inherited | null,
  discount: number,
): Inherited | null {
  const { evidence, success, reward, cost_micro_usd, latency_ms } = known;
  if (discount <= 0 || evidence === 0) return null;
  if (success === null || reward === null || cost_micro_usd === null || latency_ms === null) return null;
  const sketch: Record<string, number> = { ...scaleSketch(history.latency_sketch, discount) };
  for (const [bucket, count] of Object.entries(before?.latency_sketch ?? {})) {
    sketch[bucket] = (sketch[bucket] ?? 0) + count * discount;
  }
  return { evidence: evidence * discount, success, reward, cost_micro_usd, latency_ms, latency_sketch: sketch };
}
