import { z } from 'zod';
import { traitSchema } from './agent-traits.js';
import type { AgentProfile } from './agent-profile.js';
import { type AgentStatus, agentStatusSchema } from './status.js';

const traits = z.array(traitSchema).max(16);

/** What a task asks of an agent. What is left out asks for nothing. */
export const agentNeedSchema = z.strictObject({
  task_type: traitSchema.nullable().default(null),
  /** All of them. */
  languages: traits.default([]),
  /** All of them, as the profile says (what was learned is weighed by estimates, and excludes nobody). */
  specialisations: traits.default([]),
  /** The model has to run at one of these; empty: anywhere. */
  residency: traits.default([]),
  /** Tokens of the longest prompt. */
  context_tokens: z.number().int().nonnegative().default(0),
  more: z.record(traitSchema, traitSchema).default({}),
  statuses: z.array(agentStatusSchema).default(['available']),
});
export type AgentNeed = z.infer<typeof agentNeedSchema>;

/** One thing that keeps an agent from a task. */
export interface Mismatch {
  readonly part: 'task_type' | 'language' | 'specialisation' | 'residency' | 'context' | 'more' | 'status';
  readonly wanted: string;
  readonly has: string;
}

/** Everything that keeps an agent from a task; empty: nothing does. A list that says nothing excludes nothing, but for residency. */
export function mismatchesOf(profile: AgentProfile, status: AgentStatus, need: AgentNeed): readonly Mismatch[] {
  const { capabilities: can } = profile;
  const found: Mismatch[] = [];
  if (need.task_type !== null) lookFor(found, 'task_type', need.task_type, can.task_types);
  for (const wanted of need.languages) lookFor(found, 'language', wanted, can.languages);
  for (const wanted of need.specialisations) lookFor(found, 'specialisation', wanted, can.specialisations);
  for (const name in need.more) lookFor(found, 'more', need.more[name] ?? '', can.more[name] ?? []);
  if (need.residency.length > 0) lookForPlace(found, need.residency, profile.residency);
  const room = profile.limits.context_tokens;
  if (room !== null && room < need.context_tokens) {
    found.push({ part: 'context', wanted: String(need.context_tokens), has: String(room) });
  }
  if (!need.statuses.includes(status)) found.push({ part: 'status', wanted: need.statuses.join(' or '), has: status });
  return found;
}

function lookForPlace(found: Mismatch[], wanted: readonly string[], has: readonly string[]): void {
  if (wanted.some((place) => has.includes(place))) return;
  found.push({ part: 'residency', wanted: wanted.join(' or '), has: has.join(', ') || 'not known' });
}

function lookFor(found: Mismatch[], part: Mismatch['part'], wanted: string, has: readonly string[]): void {
  if (has.length > 0 && !has.includes(wanted)) found.push({ part, wanted, has: has.join(', ') });
}
