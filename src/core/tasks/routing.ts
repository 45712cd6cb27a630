import { z } from 'zod';
import { ulidPattern } from '../ids.js';
import { planSchema } from '../routing/plan.js';

const count = z.number().int().nonnegative();

/** Decisions that one task may have: the first, and those that follow when an agent failed or was refused. */
const maxDecisions = 4;

/** How the router stands to a task. Absent where agents were named: a person's word needs no router. */
export const taskRoutingSchema = z.strictObject({
  decision: z.string().regex(ulidPattern).describe('The decision that is acted on.'),
  plan: planSchema,
  decisions: count.describe('How many there were, this one included.'),
  /** Agents that earlier decisions, and this one, have had at work. */
  tried: z.array(z.string()),
  /** Place in the ladder that a review of the cascade has let go on. */
  reviewed: count.optional(),
  /** Set while the next decision is awaited: why there is one, and how the task ends when nobody is left. */
  next: z.strictObject({ cause: z.enum(['fallback', 'escalation']), end: z.enum(['failed', 'rejected']) }).nullable(),
});
export type TaskRouting = z.infer<typeof taskRoutingSchema>;

/** Plans whose candidates go their own way, each to its verdict: the first PASS ends the others. */
export function isRace(routing: TaskRouting | undefined): boolean {
  const kind = routing?.plan.kind;
  return kind === 'race' || kind === 'hybrid';
}

/** Plans whose agents all begin at once: none of them is left to be asked afterwards. */
export function isAbreast(routing: TaskRouting | undefined): boolean {
  return isRace(routing) || routing?.plan.kind === 'parallel';
}

/** Whether what is left of a cascade is to be looked at before its next step begins. */
export function isUnreviewed(routing: TaskRouting | undefined, rung: number): boolean {
  return routing?.plan.kind === 'cascade' && routing.reviewed !== rung;
}

/**
 * How the router goes on once the ladder of its decision is at its end; null where it does not. After a fault any plan is
 * followed by another decision. After a refusal only one that asked a single agent, or several side by side: a cascade
 * and a race have had their next agents in the plan.
 */
export function nextDecision(
  routing: TaskRouting | undefined,
  ladder: readonly string[],
  cause: NonNullable<TaskRouting['next']>['cause'],
): TaskRouting | null {
  if (routing === undefined || routing.decisions >= maxDecisions) return null;
  const { kind } = routing.plan;
  if (cause === 'escalation' && kind !== 'single' && kind !== 'parallel') return null;
  const tried = [...new Set([...routing.tried, ...ladder])];
  return { ...routing, tried, next: { cause, end: cause === 'fallback' ? 'failed' : 'rejected' } };
}
