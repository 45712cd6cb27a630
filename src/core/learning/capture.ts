import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What a transcript tells of a run beside its spend. Null: it does not tell. */
export const captureSchema = z.strictObject({
  turns: count.nullable(),
  tool_calls: count.nullable(),
  tool_turns: count.nullable(),
  first_token_ms: count.nullable(),
  context_retained: z.number().min(0).max(1).nullable(),
});
export type Capture = z.infer<typeof captureSchema>;

/** One model call: milliseconds since it was asked, and tokens. */
export const modelCallSchema = z.object({
  first_token_ms: count.nullable(),
  input_tokens: count,
  output_tokens: count,
});
export type ModelCall = z.infer<typeof modelCallSchema>;

const callsLine = z.object({ kind: z.literal('calls'), calls: z.array(modelCallSchema) });
const answerLine = z.object({ kind: z.literal('answer'), calls: z.array(z.string()) });
const toolLine = z.object({ kind: z.literal('tool') });

/**
 * Reads what a transcript (JSON lines of any worker) tells. Lines that cannot be read are passed over: they are a
 * worker's words. Tool calls by turn are known of workers that write their answers down turn by turn; of the others only
 * their number. A transcript without a line tells nothing.
 */
export function readCapture(transcript: string): Capture {
  const lines = transcript.split('\n').flatMap(parseLine);
  const answers = lines.flatMap((line) => answerLine.safeParse(line).data ?? []);
  const tools = lines.filter((line) => toolLine.safeParse(line).success).length;
  const calls = lines.flatMap((line) => callsLine.safeParse(line).data?.calls ?? []);
  const byTurn = answers.length > 0;
  return {
    turns: byTurn ? answers.length : calls.length > 0 ? calls.length : null,
    tool_calls: byTurn
      ? answers.reduce((sum, { calls: names }) => sum + names.length, 0)
      : lines.length > 0
        ? tools
        : null,
    tool_turns: byTurn ? answers.filter(({ calls: names }) => names.length > 0).length : null,
    first_token_ms: calls[0]?.first_token_ms ?? null,
    context_retained: contextRetained(calls),
  };
}

/**
 * Mean over turns of the share of a turn's context (what was asked and answered) that the next turn was asked with, at
 * most 1; null for fewer than two turns. A worker that drops or condenses what was said has less.
 */
function contextRetained(calls: readonly Pick<ModelCall, 'input_tokens' | 'output_tokens'>[]): number | null {
  const shares = calls.slice(1).flatMap((call, index) => {
    const before = calls[index];
    const held = before === undefined ? 0 : before.input_tokens + before.output_tokens;
    return held === 0 ? [] : [Math.min(1, call.input_tokens / held)];
  });
  return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

function parseLine(line: string): readonly unknown[] {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

/** Adds the parts of one execution up: a part that does not tell leaves the sum untold. Null for no parts. */
export function joinCaptures(parts: readonly (Capture | null)[]): Capture | null {
  const told = parts.filter((part) => part !== null);
  if (told.length === 0 || told.length < parts.length) return null;
  const sum = (name: 'turns' | 'tool_calls' | 'tool_turns'): number | null =>
    told.reduce<number | null>((all, part) => (all === null || part[name] === null ? null : all + part[name]), 0);
  const retained = told.map((part) => part.context_retained).filter((share) => share !== null);
  return {
    turns: sum('turns'),
    tool_calls: sum('tool_calls'),
    tool_turns: sum('tool_turns'),
    first_token_ms: told[0]?.first_token_ms ?? null,
    context_retained: retained.length === 0 ? null : retained.reduce((all, share) => all + share, 0) / retained.length,
  };
}
