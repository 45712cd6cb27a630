import { z } from 'zod';
import { digestText } from '../digest.js';
import { canonicalJson } from '../canonical-json.js';
import { type AgentProfile, agentProfileSchema } from './agent-profile.js';
import { type AgentHistory, historySchema } from './history.js';
import { inheritedSchema } from './performance.js';

/** A version of an agent: what it was, and what it took over from the one before. */
export const agentVersionRecordSchema = z.strictObject({
  version: z.string(),
  parent: z.string().nullable().describe('Version that it took over from; null: from none.'),
  discount: z.number().min(0).max(1).describe('What an outcome of the parent counts as.'),
  made_ms: z.number().int().nonnegative(),
  profile: agentProfileSchema,
  inherited: z.record(z.string(), inheritedSchema).describe('By surface/complexity.'),
  stands: z.literal(true).optional().describe('While a rollout has it work beside the version in use.'),
});
export type AgentVersionRecord = z.infer<typeof agentVersionRecordSchema>;

/** A row of the registry that cannot be read: it is set aside and told, and stops nobody. */
export const quarantinedRowSchema = z.strictObject({
  table: z.enum(['agents', 'agent_versions', 'agent_history', 'agent_health', 'breakers']),
  key: z.string(),
  problem: z.string(),
  mend: z.string(),
});
export type QuarantinedRow = z.infer<typeof quarantinedRowSchema>;

/** A row's value, or why it has none. */
export type ReadRow<Value> = { readonly value: Value } | { readonly problem: string };

/** A history as it is stored: canonical bytes and their digest, so that any change from outside is seen. */
export function writeHistory(history: AgentHistory): { readonly state: string; readonly digest: string } {
  const state = canonicalJson(history);
  return { state, digest: digestText(state) };
}

/** The history of a stored row. */
export function readHistory(state: string, digest: string): ReadRow<AgentHistory> {
  if (digestText(state) !== digest) return { problem: 'its bytes are not those that were written' };
  return readRow(state, historySchema);
}

/** The profile of a stored row, which has to be about the agent whose row it is. */
export function readProfile(name: string, text: string): ReadRow<AgentProfile> {
  const read = readRow(text, agentProfileSchema);
  if ('value' in read && read.value.name !== name) return { problem: `it is the profile of ${read.value.name}` };
  return read;
}

/** What a schema makes of a stored JSON text; the first thing wrong with it where it makes nothing. */
export function readRow<Schema extends z.ZodType>(text: string, schema: Schema): ReadRow<z.output<Schema>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'it is no JSON' };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is not what it should be'}` };
}
