import { z } from 'zod';
import { surfaceSchema } from '../routing/surface.js';
import type { DataPointOf } from './data-point.js';
import type { Outcome } from './outcome.js';

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1).nullable().describe('Null: there is nothing to take a share of.');
const amount = z.number().nonnegative().nullable();

const stepsSchema = z.strictObject({
  ended: count.describe('Tasks that ended by themselves; cancelled ones are not among them.'),
  plan_success: share.describe('Accepted, whatever it took.'),
  first_step_success: share.describe('Of the tasks that came to a first attempt: passed by it.'),
  unplanned_fallback: share.describe('Had to go on with another agent because one broke down.'),
  planned_escalation: share.describe('Went on with another agent because a verdict failed, as planned.'),
});

const armReportSchema = z.strictObject({
  agent: z.string(),
  version: z.string(),
  model: z.string(),
  surface: surfaceSchema.nullable(),
  executions: count,
  verdicts: z.strictObject({ PASS: count, WAIVER_REQUIRED: count, FAIL: count, FAULT: count }),
  pass_share: share,
  pass_interval: z.tuple([z.number(), z.number()]).nullable().describe('Wilson, 95 %.'),
  mean_reward: share,
  mean_cost_micro_usd: amount,
  latency_ms: z.strictObject({ median: amount, p95: amount }),
  tool_adoption: share.describe('Turns with a tool call, of those executions that tell.'),
  unsupported_claims: count,
});

/** What came of tasks: the plan, its first step and what was not planned, kept apart; and of each arm on each surface. */
export const trackReportSchema = z
  .strictObject({
    cancelled: count,
    whole: stepsSchema,
    by_surface: z.array(stepsSchema.extend({ surface: surfaceSchema.nullable() })),
    by_arm: z.array(armReportSchema),
    spent_micro_usd: count,
    micro_usd_per_accepted: amount,
  })
  .meta({ id: 'TrackReport' });
export type TrackReport = z.infer<typeof trackReportSchema>;
type Steps = z.infer<typeof stepsSchema>;
type ArmReport = z.infer<typeof armReportSchema>;

type End = DataPointOf<'end'>;

/** Reports on ended tasks and on the newest outcome of each execution; the order of either does not matter. */
export function reportOn(ends: readonly End[], outcomes: readonly Outcome[]): TrackReport {
  const counted = ends.filter(({ state }) => state !== 'cancelled');
  const accepted = counted.filter(({ state }) => state === 'accepted').length;
  const spent = ends.reduce((sum, { spend }) => sum + spend.micro_usd, 0);
  return {
    cancelled: ends.length - counted.length,
    whole: stepsOf(counted),
    by_surface: groups(counted, ({ surface }) => surface ?? '').map((some) => ({
      ...stepsOf(some),
      surface: some[0]?.surface ?? null,
    })),
    by_arm: groups(outcomes, ({ arm, surface }) =>
      JSON.stringify([arm.agent, arm.version, arm.model, surface ?? '']),
    ).flatMap((some) => armOf(some) ?? []),
    spent_micro_usd: spent,
    micro_usd_per_accepted: accepted === 0 ? null : spent / accepted,
  };
}

function stepsOf(ends: readonly End[]): Steps {
  const of = (all: readonly End[], holds: (end: End) => boolean): number | null =>
    all.length === 0 ? null : all.filter(holds).length / all.length;
  const begun = ends.filter(({ first_verdict }) => first_verdict !== null);
  return {
    ended: ends.length,
    plan_success: of(ends, ({ state }) => state === 'accepted'),
    first_step_success: of(begun, ({ first_verdict }) => first_verdict === 'PASS'),
    unplanned_fallback: of(begun, ({ fallbacks }) => fallbacks > 0),
    planned_escalation: of(begun, ({ escalations }) => escalations > 0),
  };
}

function armOf(outcomes: readonly Outcome[]): ArmReport | null {
  const [first] = outcomes;
  if (first === undefined) return null;
  const verdicts = { PASS: 0, WAIVER_REQUIRED: 0, FAIL: 0, FAULT: 0 };
  for (const { verdict } of outcomes) verdicts[verdict] += 1;
  const mean = (value: (outcome: Outcome) => number): number =>
    outcomes.reduce((sum, one) => sum + value(one), 0) / outcomes.length;
  const latencies = outcomes.map(({ latency_ms }) => latency_ms).toSorted((a, b) => a - b);
  const telling = outcomes.filter(({ tool_turns }) => tool_turns !== null);
  const turns = telling.reduce((sum, one) => sum + one.turns, 0);
  return {
    ...first.arm,
    surface: first.surface,
    executions: outcomes.length,
    verdicts,
    pass_share: verdicts.PASS / outcomes.length,
    pass_interval: wilson(verdicts.PASS, outcomes.length),
    mean_reward: mean(({ reward }) => reward),
    mean_cost_micro_usd: mean(({ cost_micro_usd }) => cost_micro_usd),
    latency_ms: { median: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) },
    tool_adoption:
      turns === 0 ? null : Math.min(1, telling.reduce((sum, one) => sum + (one.tool_turns ?? 0), 0) / turns),
    unsupported_claims: outcomes.reduce((sum, one) => sum + (one.unsupported_claims ?? 0), 0),
  };
}

/** In the order of their keys. */
function groups<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly (readonly Item[])[] {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = found.get(key);
    if (group === undefined) found.set(key, [item]);
    else group.push(item);
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/**
 * The Wilson score interval at 95 %, within [0, 1]; null for no trials.
 * @see Wilson 1927, doi:10.1080/01621459.1927.10502953
 */
export function wilson(successes: number, trials: number): [number, number] | null {
  if (trials <= 0) return null;
  const z2 = 1.959963984540054 ** 2;
  const p = successes / trials;
  const middle = p + z2 / (2 * trials);
  const half = Math.sqrt(z2 * ((p * (1 - p)) / trials + z2 / (4 * trials * trials)));
  const scale = 1 + z2 / trials;
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}

/** The smallest value that at least such a part of the sorted values do not exceed; null for none. */
function quantile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
}
