import { z } from 'zod';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { openRegistry } from '../registry/open-registry.js';
import { learnLate } from '../routing/learn-late.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { type Comparison, compareOutcomes, isEqual } from './compare-outcomes.js';
import { mendOutcomes } from './mend-outcomes.js';
import { openTracker } from './open-tracker.js';

const count = z.number().int().nonnegative();

const inputSchema = z.strictObject({
  mend: z
    .boolean()
    .describe('Have router and registry learn what the data points say, and make again what is damaged.'),
});
export type TrackReconcileInput = z.infer<typeof inputSchema>;

const learnedSchema = z
  .strictObject({
    reward: z.number().min(0).max(1),
    passed: z.boolean(),
    cost_micro_usd: count,
    latency_ms: count,
  })
  .nullable()
  .describe('Null: nothing was learned.');

const foundSchema = z.strictObject({
  differences: z.array(
    z.strictObject({
      decision_id: z.string(),
      agent: z.string(),
      tracker: learnedSchema,
      router: learnedSchema,
      registry: learnedSchema,
    }),
  ),
  memories: z
    .array(z.strictObject({ scope: z.string(), arm: z.string() }))
    .describe('Memories of policies that are not what their outcomes teach.'),
  sums: z
    .array(
      z.strictObject({
        arm: z.string(),
        surface: z.string(),
        complexity: z.string(),
        repository: z.string(),
        kept: z.number().int(),
        afresh: z.number().int(),
      }),
    )
    .describe('Kept sums that are not what their outcomes add up to.'),
  histories: z.array(z.string()).describe('Histories of agents that are not what their outcomes give.'),
});

/** Whether data points, router and registry are of one mind about what decisions came to. */
export const trackReconcileSchema = z
  .strictObject({
    compared: count.describe('Outcomes that were compared: one agent’s work under one decision each.'),
    folded: count.describe('Decisions of months that were folded into sums, which cannot be compared any more.'),
    found: foundSchema,
    left: foundSchema.nullable().describe('What still differs after mending; null: nothing was mended.'),
    equal: z.boolean().describe('Whether all is one, now.'),
  })
  .meta({ id: 'TrackReconcile' });
export type TrackReconcile = z.infer<typeof trackReconcileSchema>;

export const trackReconcile: Operation<TrackReconcileInput, TrackReconcile> = {
  name: 'track reconcile',
  summary: 'compare what data points, router and registry hold of outcomes; --mend sets right what differs',
  role: 'human',
  input: inputSchema,
  output: trackReconcileSchema,
  run: (ports, { mend }, { signal, progress }) =>
    useRuntime(ports, signal, async (runtime) => {
      const how = { trouble: (text: string) => progress.note(text), signal };
      await openTracker(ports, runtime, how).catchUp(0, signal);
      const look = (): Promise<Comparison> => compareOutcomes({ ...runtime, clock: ports.clock }, signal);
      const found = await look();
      if (!mend || isEqual(found)) return told(found, null);
      progress.stage('mend', `${found.differences.length} outcomes differ`);
      await mendAll(ports, runtime, found, signal);
      return told(found, await look());
    }),
};

async function mendAll(
  ports: Pick<Ports, 'clock'>,
  runtime: OpenRuntime,
  found: Comparison,
  signal: AbortSignal,
): Promise<void> {
  const registry = await openRegistry(runtime, ports.clock);
  const world = { ...runtime, registry };
  await learnLate(world, signal);
  await mendOutcomes({ ...world, histories: runtime.registry }, found);
}

function told(found: Comparison, left: Comparison | null): TrackReconcile {
  return {
    compared: found.compared,
    folded: found.folded,
    found: show(found),
    left: left === null ? null : show(left),
    equal: isEqual(left ?? found),
  };
}

function show({ differences, memories, sums, histories }: Comparison): z.infer<typeof foundSchema> {
  return {
    differences: differences.map(({ decisionId, agent, tracker, router, registry }) => ({
      decision_id: decisionId,
      agent,
      tracker: showLearned(tracker),
      router: showLearned(router),
      registry: showLearned(registry),
    })),
    memories: memories.map((one) => ({ ...one })),
    sums: sums.map((one) => ({ ...one })),
    histories: [...histories],
  };
}

function showLearned(one: Comparison['differences'][number]['tracker']): z.infer<typeof learnedSchema> {
  if (one === null) return null;
  const { reward, passed, costMicroUsd, latencyMs } = one;
  return { reward, passed, cost_micro_usd: costMicroUsd, latency_ms: latencyMs };
}
