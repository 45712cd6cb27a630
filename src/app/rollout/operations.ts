import { z } from 'zod';
import { Fault } from '../../core/fault.js';
import { makeUlid } from '../../core/ids.js';
import { advanceRollout, beginRollout, rebuildRollout } from '../../core/rollout/apply-rollout-event.js';
import { rolloutOptionsSchema, rolloutSchema, rolloutSubjectSchema } from '../../core/rollout/rollout.js';
import { type RolloutEventOf, rolloutEventSchema } from '../../core/rollout/rollout-event.js';
import { policyVersion } from '../../core/routing/policies/create-policy.js';
import { policyOptionsSchema } from '../../core/routing/policy-options.js';
import { surfaceSchema } from '../../core/routing/surface.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { findRollout, listRollouts } from './change-rollout.js';
import { reportRollout, rolloutReportSchema } from './rollout-report.js';

export type RolloutSubjectFaultCode = 'ROLLOUT_SUBJECT_UNKNOWN';

const startInputSchema = z.strictObject({
  subject: rolloutSubjectSchema,
  surface: surfaceSchema.nullable().default(null).describe('Null: every surface.'),
  options: rolloutOptionsSchema.prefault({}),
  by: z.string().min(1).max(200).describe('Who starts it.'),
});
export type RolloutStart = z.input<typeof startInputSchema>;

export const rolloutStart: Operation<z.infer<typeof startInputSchema>, z.infer<typeof rolloutReportSchema>> = {
  name: 'rollout start',
  summary: 'begin to bring an agent, a model version or a routing policy in, from its shadow on',
  role: 'human',
  input: startInputSchema,
  output: rolloutReportSchema,
  run: (ports, { subject, surface, options, by }, { signal }) =>
    useRuntime(ports, signal, async ({ rollouts, agents }) => {
      refuseUnknown(
        subject,
        (await agents.list()).map(({ name }) => name),
      );
      const at_ms = ports.clock.nowMs();
      const id = makeUlid(at_ms, ports.clock.randomBytes(10));
      const started: RolloutEventOf<'rollout-started'> = {
        type: 'rollout-started',
        at_ms,
        by,
        subject,
        surface,
        options,
      };
      const { rollout, events } = advanceRollout(beginRollout(id, started), started);
      await rollouts.begin(rollout, events);
      return reportRollout(rollout);
    }),
};

/** A name that nobody has is a slip of the pen: its rollout would divide no task, and wait forever. */
function refuseUnknown(
  { kind, incumbent, candidate }: z.infer<typeof rolloutSubjectSchema>,
  agents: readonly string[],
): void {
  const names = policyOptionsSchema.options.map(({ shape }) => shape.name.value);
  const policies = names.map((name) => `${name}@${policyVersion}`);
  const isKnown = (key: string): boolean =>
    kind === 'policy' ? policies.includes(key) : agents.includes(key.slice(0, key.indexOf('@')));
  const unknown = [incumbent, candidate].find((key) => !isKnown(key));
  if (unknown === undefined) return;
  const what = kind === 'policy' ? 'a routing policy' : 'an agent';
  throw new Fault<RolloutSubjectFaultCode>(
    'ROLLOUT_SUBJECT_UNKNOWN',
    `${JSON.stringify(unknown)} is not ${what} here`,
    {
      mend:
        kind === 'policy'
          ? `write one of ${policies.join(', ')}`
          : 'write NAME@VERSION with a name of arbiter agents list',
    },
  );
}

const statusInputSchema = z.strictObject({ id: z.string().min(1).max(300).optional() });
const statusSchema = z
  .strictObject({
    rollouts: z.array(rolloutReportSchema),
    steps: z.array(rolloutEventSchema).nullable().describe('Of the one that was named: its story without outcomes.'),
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
  run: (ports, { id: name }, { signal }) =>
    useRuntime(ports, signal, async ({ rollouts }) => {
      if (name === undefined) {
        return { rollouts: (await listRollouts(rollouts)).map(reportRollout), steps: null, kept: null };
      }
      const id = await findRollout(rollouts, name);
      const kept = await rollouts.read(id);
      // What was told since the row was read is not in the row.
      const story = (await rollouts.story(id)).slice(0, kept.seq);
      const rebuilt = rebuildRollout(id, story);
      return {
        rollouts: [reportRollout(rebuilt)],
        steps: story.filter(({ type }) => type !== 'outcome-observed' && type !== 'shadow-decided'),
        kept: JSON.stringify(kept.rollout) === JSON.stringify(rolloutSchema.parse(rebuilt)) ? 'equal' : 'rebuilt',
      };
    }),
};
