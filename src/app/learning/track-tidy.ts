import { z } from 'zod';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { openTracker } from './open-tracker.js';

const count = z.number().int().nonnegative();

const inputSchema = z.strictObject({
  keepMonths: z.number().int().min(1).max(1200).describe('Months before the present one whose points are kept.'),
  yes: z.boolean().describe('Do it; else it is only said what would be done.'),
});
export type TrackTidyInput = z.infer<typeof inputSchema>;

/** What was told that had not been, and which months were folded into sums. */
export const trackTidySchema = z
  .strictObject({
    told: count.describe('Tasks whose data points were behind, and are not any more.'),
    folded: z.array(z.strictObject({ month: z.string(), points: count, sums: count.nullable() })),
    done: z.boolean().describe('False: nothing was folded yet.'),
    sums: z.array(
      z.strictObject({
        month: z.string(),
        agent: z.string(),
        version: z.string(),
        model: z.string(),
        surface: z.string().nullable(),
        verdict: z.string(),
        outcomes: count,
        mean_reward: z.number(),
        cost_micro_usd: count,
        latency_ms: count,
        input_tokens: count,
        output_tokens: count,
      }),
    ),
  })
  .meta({ id: 'TrackTidy' });
export type TrackTidy = z.infer<typeof trackTidySchema>;

export const trackTidy: Operation<TrackTidyInput, TrackTidy> = {
  name: 'track tidy',
  summary: 'tell what is behind, and fold months that are older than is kept into sums',
  role: 'human',
  input: inputSchema,
  output: trackTidySchema,
  run: (ports, { keepMonths, yes }, { signal, progress }) =>
    useRuntime(ports, signal, async (runtime) => {
      const { points } = runtime;
      const nowMs = ports.clock.nowMs();
      const told = await openTracker(ports, runtime, { trouble: (text) => progress.note(text), signal }).catchUp(
        0,
        signal,
      );
      const first = monthBefore(nowMs, keepMonths);
      const old = (await points.state()).months.filter(({ month, folded }) => !folded && month < first);
      const folded: TrackTidy['folded'] = [];
      for (const { month, points: held } of old) {
        progress.stage('fold', month);
        folded.push({ month, points: held, sums: yes ? (await points.fold(month, nowMs)).rows : null });
      }
      const sums = (await points.folded()).map(
        ({ costMicroUsd, latencyMs, inputTokens, outputTokens, reward, ...row }) => ({
          ...row,
          mean_reward: reward / Math.max(1, row.outcomes),
          cost_micro_usd: costMicroUsd,
          latency_ms: latencyMs,
          input_tokens: inputTokens,
          output_tokens: outputTokens,
        }),
      );
      return { told, folded, done: yes, sums };
    }),
};

/** The month that lies so many before that of an instant, such as `2025-11`. */
function monthBefore(nowMs: number, months: number): string {
  const [year = 0, month = 1] = new Date(nowMs).toISOString().slice(0, 7).split('-').map(Number);
  const index = year * 12 + (month - 1) - months;
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;
}
