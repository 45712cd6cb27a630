import { z } from 'zod';
import { makeUlid } from '../../core/ids.js';
import { advanceRollout, beginRollout } from '../../core/rollout/apply-rollout-event.js';
import { rolloutOptionsSchema } from '../../core/rollout/rollout.js';
import type { RolloutEventOf } from '../../core/rollout/rollout-event.js';
import { surfaceSchema } from '../../core/routing/surface.js';
import type { Operation } from '../operation.js';
import { openRegistry } from '../registry/open-registry.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { listRollouts } from './change-rollout.js';
import { nameSubject, namedSubjectSchema } from './name-subject.js';
import { reportRollout, rolloutReportSchema } from './rollout-report.js';
import { settleVersions } from './settle-versions.js';

const startInputSchema = z.strictObject({
  subject: namedSubjectSchema,
  surface: surfaceSchema.nullable().default(null).describe('Null: every surface.'),
  options: rolloutOptionsSchema.prefault({}),
  by: z.string().min(1).max(200).describe('Who starts it.'),
});
export type RolloutStart = z.input<typeof startInputSchema>;

export const rolloutStart: Operation<z.infer<typeof startInputSchema>, z.infer<typeof rolloutReportSchema>> = {
  name: 'rollout start',
  summary: 'begin to bring an agent, a new version of one, or a routing policy in, from its shadow on',
  role: 'human',
  input: startInputSchema,
  output: rolloutReportSchema,
  run: (ports, { subject: said, surface, options, by }, { signal }) =>
    useRuntime(ports, signal, async (runtime) => {
      const registry = await openRegistry(runtime, ports.clock);
      const place = { ports, registry, rollouts: await listRollouts(runtime.rollouts), signal };
      const subject = await nameSubject(place, said, surface);
      const at_ms = ports.clock.nowMs();
      const id = makeUlid(at_ms, ports.clock.randomBytes(10));
      const type = 'rollout-started';
      const started: RolloutEventOf<typeof type> = { type, at_ms, by, ...subject, surface, options };
      const { rollout, events } = advanceRollout(beginRollout(id, started), started);
      await runtime.rollouts.begin(rollout, events);
      // The story says what is to stand; a crash from here on is made good by whoever looks next.
      const all = await settleVersions(runtime.rollouts, registry, at_ms);
      return reportRollout(all.find((one) => one.id === id) ?? rollout);
    }),
};
