import { z } from 'zod';
import { outcomeSchema as verdictOutcomeSchema } from '../caws/verdict/verdict.js';
import { ulidPattern } from '../ids.js';
import { armSchema } from '../routing/arm.js';
import { complexitySchema, surfaceSchema } from '../routing/surface.js';

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);

/** What an execution came to: the verdict's word, or FAULT where there was nothing to judge. */
export const outcomeVerdictSchema = z.enum([...verdictOutcomeSchema.options, 'FAULT']);
export type OutcomeVerdict = z.infer<typeof outcomeVerdictSchema>;

/**
 * What one agent's execution came to, as learners take it. Identity is (task, attempt, candidate): of several with one
 * identity the greatest revision counts. Null says that the worker could not tell, which is never the same as zero.
 */
export const outcomeSchema = z
  .strictObject({
    decision_id: z.string().regex(ulidPattern).nullable().describe('Null: the agent was named, nothing was decided.'),
    task_id: z.string().regex(ulidPattern),
    attempt: count,
    candidate: count.describe('Index of the candidate in its attempt.'),
    arm: armSchema,
    surface: surfaceSchema.nullable(),
    complexity: complexitySchema.nullable(),
    verdict: outcomeVerdictSchema,
    reward: share.describe('By the rubric of the surface; see rewardOf.'),
    cost_micro_usd: count,
    latency_ms: count.describe('From the start of the work to its last word, by the meter.'),
    first_token_ms: count.nullable(),
    input_tokens: count,
    output_tokens: count,
    turns: count,
    tool_calls: count.nullable(),
    tool_turns: count.nullable().describe('Turns in which a tool was called: adoption is this over turns.'),
    unsupported_claims: count.nullable().describe('Claims of the worker that the Arbiter found no ground for.'),
    context_retained: share.nullable().describe('Mean share of a turn’s context that the next turn still held.'),
    verifier: z.string().max(100).nullable().describe('Version of the Arbiter that judged.'),
    seed: count.nullable().describe('Seed of the choice.'),
    prompt: z.string().max(100).nullable().describe('Id and version of the prompt, such as work@1.'),
    at_ms: count,
    revision: count.describe('0 for the first word; each later one is greater.'),
  })
  .meta({ id: 'Outcome' });
export type Outcome = z.infer<typeof outcomeSchema>;

/** What all revisions of one outcome share: `task/attempt/candidate`. */
export function outcomeKey(outcome: Pick<Outcome, 'task_id' | 'attempt' | 'candidate'>): string {
  return `${outcome.task_id}/${outcome.attempt}/${outcome.candidate}`;
}
