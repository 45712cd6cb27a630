import { z } from 'zod';
import { mustCapture } from '../../core/learning/data-point.js';
import type { TrackedState } from '../../ports/point-store.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';

const count = z.number().int().nonnegative();
const counts = z.record(z.string(), count);

/** How much of what happened is told, and what is missing in it: the proof that nothing is left out in silence. */
export const trackStatusSchema = z
  .strictObject({
    tasks: z.strictObject({
      seen: count.describe('Tasks in the store.'),
      told: count.describe('Tasks whose data points go as far as their story.'),
      behind: count,
      ended: count,
      complete: count.describe('Ended tasks of which no outcome wants a field.'),
    }),
    points: counts.describe('How many data points, by kind.'),
    outcomes: z.strictObject({ total: count, complete: count, late: count }),
    missing: counts.describe('Outcomes that want a field, by field; all fields that must be captured are named.'),
    removed: counts.describe('Secrets and personal data taken out before anything was stored, by kind.'),
    months: z.array(z.strictObject({ month: z.string(), points: count, folded: z.boolean() })),
  })
  .meta({ id: 'TrackStatus' });
export type TrackStatus = z.infer<typeof trackStatusSchema>;

const nothing = z.strictObject({});

export const trackStatus: Operation<z.infer<typeof nothing>, TrackStatus> = {
  name: 'track status',
  summary: 'say how much of what happened is told in data points, and what is missing',
  role: 'anyone',
  input: nothing,
  output: trackStatusSchema,
  run: (ports, _input, { signal }) => useRuntime(ports, signal, async ({ points }) => statusOf(await points.state())),
};

/** The state as it is shown: a field that nothing wants is named with 0. */
function statusOf(state: TrackedState): TrackStatus {
  const missing = Object.fromEntries(mustCapture.map((name) => [name, state.missing[name] ?? 0]));
  return {
    tasks: {
      seen: state.tasks,
      told: state.tasks - state.behind,
      behind: state.behind,
      ended: state.ended,
      complete: state.complete,
    },
    points: { ...state.points },
    outcomes: { total: state.points.outcome ?? 0, complete: state.wholeOutcomes, late: state.lateOutcomes },
    missing,
    removed: { ...state.removed },
    months: state.months.map((month) => ({ ...month })),
  };
}
