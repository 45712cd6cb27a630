import { z } from 'zod';
import { type Observation, observationSchema, uncountedSchema } from '../../core/rollout/observation.js';
import { endCauseSchema } from '../../core/rollout/rollout.js';
import { stageSchema } from '../../core/rollout/stage.js';
import type { RolloutStore } from '../../ports/rollout-store.js';
import type { Operation } from '../operation.js';
import { openRegistry } from '../registry/open-registry.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { readRollouts } from './change-rollout.js';
import { observe } from './observe.js';
import { settleVersions } from './settle-versions.js';
import { badLineSchema, linesSourceSchema, loadLines, readLines } from './read-lines.js';

const inputSchema = z.strictObject({ source: linesSourceSchema });
export type RolloutObserve = z.infer<typeof inputSchema>;

const outputSchema = z
  .strictObject({
    counted: z.number().int().nonnegative(),
    uncounted: z.record(uncountedSchema, z.number().int().nonnegative()),
    steps: z
      .array(
        z.strictObject({
          line: z.number().int().positive(),
          rollout: z.string(),
          stage: stageSchema,
          ended: endCauseSchema.nullable(),
        }),
      )
      .describe('Where a line moved a rollout.'),
    quarantined: z.array(badLineSchema),
  })
  .meta({ id: 'RolloutObserved' });
export type RolloutObserved = z.infer<typeof outputSchema>;

export const rolloutObserve: Operation<RolloutObserve, RolloutObserved> = {
  name: 'rollout observe',
  summary: 'tell the rollouts of outcomes and shadow decisions from JSON Lines',
  role: 'anyone',
  input: inputSchema,
  output: outputSchema,
  async run(ports, { source }, { signal }) {
    const { good, bad } = readLines<Observation>(await loadLines(ports.files, source), observationSchema);
    return useRuntime(ports, signal, async (runtime) => {
      const { rollouts } = runtime;
      const observed = await observeAll(rollouts, good, signal);
      await settleVersions(rollouts, await openRegistry(runtime, ports.clock), ports.clock.nowMs());
      return { ...observed, quarantined: [...bad] };
    });
  },
};

async function observeAll(
  store: RolloutStore,
  lines: readonly { readonly line: number; readonly value: Observation }[],
  signal: AbortSignal,
): Promise<Omit<RolloutObserved, 'quarantined'>> {
  const uncounted = { 'no-rollout': 0, ended: 0, 'other-side': 0, known: 0 };
  const steps: RolloutObserved['steps'] = [];
  let counted = 0;
  let known = await readRollouts(store);
  for (const { line, value } of lines) {
    signal.throwIfAborted();
    const answer = await observe(store, value, known);
    if (!answer.counted) {
      uncounted[answer.why] += 1;
      continue;
    }
    counted += 1;
    const { rollout, events } = answer.change;
    known = known.map((one) => (one.rollout.id === rollout.id ? answer.change : one));
    const { id, stage, ended } = rollout;
    if (events.length > 1) steps.push({ line, rollout: id, stage, ended: ended?.cause ?? null });
  }
  return { counted, uncounted, steps };
}
