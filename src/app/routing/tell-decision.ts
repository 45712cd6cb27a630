import { z } from 'zod';
import { routeDecisionSchema } from '../../core/routing/decision.js';
import { differingFields, renderDecision, replayDecision } from '../../core/routing/replay-decision.js';
import { plannerOf } from '../../core/tasks/plan-route.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { RecordedDecision } from '../../ports/route-store.js';
import { explainDecision } from './explain-decision.js';

const outcomeSchema = z.strictObject({
  agent: z.string(),
  verdict: z.enum(['PASS', 'FAIL', 'WAIVER_REQUIRED', 'FAULT']).nullable(),
  reward: z.number().min(0).max(1).nullable(),
  cost_micro_usd: z.number().int().nonnegative(),
  latency_ms: z.number().int().nonnegative(),
  failure: z.string().nullable(),
  at_ms: z.number().int().nonnegative(),
  revision: z.number().int().nonnegative(),
});

/** A decision with what came of it, in words and numbers. */
export const explainedSchema = z.strictObject({
  decision: routeDecisionSchema,
  repository: z.string(),
  outcomes: z.array(outcomeSchema),
  words: z.array(z.string()).describe('Why this agent and why not the others, a line each.'),
});

/** Tells a decision; with what its task's story says of it where that is given. */
export function explained(
  { decision, repository, outcomes }: RecordedDecision,
  story: readonly TaskEvent[] = [],
): z.infer<typeof explainedSchema> {
  return {
    decision,
    repository,
    outcomes: outcomes.map(({ agent, verdict, reward, costMicroUsd, latencyMs, failure, atMs, revision }) => ({
      agent,
      verdict,
      reward,
      cost_micro_usd: costMicroUsd,
      latency_ms: latencyMs,
      failure,
      at_ms: atMs,
      revision,
    })),
    words: explainDecision(decision, outcomes, story),
  };
}

/** A decision made again from its record. */
export const routeReplaySchema = z
  .strictObject({
    id: z.string(),
    same: z.boolean().describe('Whether the same bytes came of it.'),
    differs: z.array(z.string()).describe('Fields that came out otherwise.'),
    recorded: z.string().describe('The decision as recorded, as canonical text.'),
    replayed: z.string(),
  })
  .meta({ id: 'RouteReplay' });
export type RouteReplay = z.infer<typeof routeReplaySchema>;

/** Makes a decision again from its record. */
export function replay({ decision }: RecordedDecision): RouteReplay {
  const again = replayDecision(decision, plannerOf(decision) ?? undefined);
  const [recorded, replayed] = [renderDecision(decision), renderDecision(again)];
  return {
    id: decision.id,
    same: recorded === replayed,
    differs: differingFields(decision, again),
    recorded,
    replayed,
  };
}
