import { z } from 'zod';
import { type WatchedArm, type WatchedOutcome, watchArms } from '../../core/rollout/watch-arms.js';
import { armKey } from '../../core/routing/arm.js';
import type { PointStore } from '../../ports/point-store.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';

const count = z.number().int().nonnegative();

const inputSchema = z.strictObject({
  drop: z.number().min(0.02).max(0.5).default(0.1).describe('The fall of mean reward that is watched for.'),
});
export type RolloutDrift = z.input<typeof inputSchema>;

/** Every arm on every surface, and whether it fell from its own level. */
export const driftReportSchema = z
  .strictObject({
    arms: z.array(
      z.strictObject({
        arm: z.string().describe('agent@version'),
        surface: z.string().describe('unknown: nobody said which.'),
        outcomes: count,
        mean_reward: z.number().min(0).max(1),
        state: z
          .enum(['learning', 'steady', 'fell'])
          .describe('`fell`: since its last alarm the new level is being learned.'),
        level: z.number().nonnegative().nullable().describe('The cumulative sum; null while learning.'),
        threshold: z.number().positive().nullable(),
        usual: z.number().nullable().describe('The level that falls are measured from.'),
        per_year: count.nullable().describe('Outcomes that one false alarm a year is counted in.'),
        alarms: count,
        alarmed_at_ms: count.nullable(),
      }),
    ),
  })
  .meta({ id: 'DriftReport' });
export type DriftReport = z.infer<typeof driftReportSchema>;

export const rolloutDrift: Operation<z.infer<typeof inputSchema>, DriftReport> = {
  name: 'rollout drift',
  summary: 'tell which agents fell from their own level, by what was tracked of every task',
  role: 'anyone',
  input: inputSchema,
  output: driftReportSchema,
  run: (ports, { drop }, { signal }) =>
    useRuntime(ports, signal, async ({ points }) => {
      const arms = watchArms(await readInOrder(points, signal), drop);
      return { arms: arms.map(reportArm).toSorted((one, other) => rankOf(one) - rankOf(other)) };
    }),
};

/** The newest word on each execution, by its instant: made again each time, so that nothing kept can go wrong. */
async function readInOrder(points: PointStore, signal: AbortSignal): Promise<readonly WatchedOutcome[]> {
  const outcomes: WatchedOutcome[] = [];
  for await (const page of points.readOutcomes({})) {
    signal.throwIfAborted();
    for (const { arm, surface, reward, at_ms } of page) {
      outcomes.push({ key: armKey(arm), surface: surface ?? 'unknown', reward, at_ms });
    }
  }
  return outcomes.toSorted((one, other) => one.at_ms - other.at_ms);
}

function reportArm({ key, surface, watch, outcomes, reward, per_year }: WatchedArm): DriftReport['arms'][number] {
  const { cusum, alarms, alarmed_at_ms } = watch;
  return {
    arm: key,
    surface,
    outcomes,
    mean_reward: Math.min(1, reward / outcomes),
    state: cusum !== null ? 'steady' : alarms > 0 ? 'fell' : 'learning',
    level: cusum?.level ?? null,
    threshold: cusum?.threshold ?? null,
    usual: cusum?.usual ?? null,
    per_year,
    alarms,
    alarmed_at_ms,
  };
}

function rankOf({ state }: DriftReport['arms'][number]): number {
  return { fell: 0, steady: 1, learning: 2 }[state];
}
