import { z } from 'zod';
import { rebuildRollout } from '../../core/rollout/apply-rollout-event.js';
import { rolloutSchema } from '../../core/rollout/rollout.js';
import { rolloutEventSchema } from '../../core/rollout/rollout-event.js';
import { trackedSidesSchema } from '../../core/rollout/side-steps.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { findRollout, listRollouts } from './change-rollout.js';
import { readTracked } from './read-tracked.js';
import { reportRollout, rolloutReportSchema } from './rollout-report.js';

const statusInputSchema = z.strictObject({ id: z.string().min(1).max(300).optional() });
const statusSchema = z
  .strictObject({
    rollouts: z.array(rolloutReportSchema),
    steps: z.array(rolloutEventSchema).nullable().describe('Of the one that was named: its story without outcomes.'),
    tracked: trackedSidesSchema.nullable().describe('Of the one that was named: its tasks, as they were tracked.'),
    kept: z.enum(['equal', 'rebuilt']).nullable().describe('Whether its kept state is what its story tells.'),
  })
  .meta({ id: 'RolloutStatus' });
export type RolloutStatus = z.infer<typeof statusSchema>;

export const rolloutStatus: Operation<z.infer<typeof statusInputSchema>, RolloutStatus> = {
  name: 'rollout status',
  summary: 'show the rollouts, or one with its whole story, checked against what was kept',
  role: 'anyone',
  input: statusInputSchema,
  output: statusSchema,
  run: (ports, { id: name }, context) =>
    useRuntime(ports, context.signal, async (runtime) => {
      const { rollouts } = runtime;
      if (name === undefined) {
        const all = (await listRollouts(rollouts)).map(reportRollout);
        return { rollouts: all, steps: null, tracked: null, kept: null };
      }
      const id = await findRollout(rollouts, name);
      const kept = await rollouts.read(id);
      // What was told since the row was read is not in the row.
      const story = (await rollouts.story(id)).slice(0, kept.seq);
      const rebuilt = rebuildRollout(id, story);
      return {
        rollouts: [reportRollout(rebuilt)],
        steps: story.filter(({ type }) => type !== 'outcome-observed' && type !== 'shadow-decided'),
        tracked: await readTracked(ports, runtime, rebuilt, story, context),
        kept: JSON.stringify(kept.rollout) === JSON.stringify(rolloutSchema.parse(rebuilt)) ? 'equal' : 'rebuilt',
      };
    }),
};
