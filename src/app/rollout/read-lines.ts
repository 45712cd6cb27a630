import { z } from 'zod';
import { decodeUtf8 } from '../../core/digest.js';
import type { Files } from '../../ports/files.js';

/** JSON Lines: a file by its path (at most 64 MiB), or the text itself. */
export const linesSourceSchema = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ text: z.string().max(64 * 1024 * 1024) }),
]);
export type LinesSource = z.infer<typeof linesSourceSchema>;

/** A line that was set aside; the rest was taken. Lines count from 1. */
export const badLineSchema = z
  .strictObject({ line: z.number().int().positive(), reason: z.string() })
  .meta({ id: 'BadLine' });
export type BadLine = z.infer<typeof badLineSchema>;

/** A line that was read. */
export interface GoodLine<Value> {
  readonly line: number;
  readonly value: Value;
}

/** Longer lines are set aside unread. */
const maxLine = 1024 * 1024;
const newLine = 0x0a;

/** The lines of a source as texts; null for one that is no UTF-8 or too long. @throws FILE_MISSING, FILE_TOO_LARGE, FILE_UNREADABLE */
export async function loadLines(files: Files, source: LinesSource): Promise<readonly (string | null)[]> {
  if ('text' in source) return source.text.split('\n').map((line) => (line.length > maxLine ? null : line));
  const bytes = await files.readFile(source.file);
  const lines: (string | null)[] = [];
  for (let start = 0; start <= bytes.length;) {
    const found = bytes.indexOf(newLine, start);
    const end = found < 0 ? bytes.length : found;
    lines.push(end - start > maxLine ? null : decodeUtf8(bytes.subarray(start, end)));
    start = end + 1;
  }
  return lines;
}

/**
 * Reads JSON Lines by a schema: what does not fit is set aside with its number and what is wrong, and never stops the
 * rest. Empty lines are nothing.
 */
export function readLines<Value>(
  lines: readonly (string | null)[],
  schema: z.ZodType<Value>,
): { readonly good: readonly GoodLine<Value>[]; readonly bad: readonly BadLine[] } {
  const good: GoodLine<Value>[] = [];
  const bad: BadLine[] = [];
  for (const [index, raw] of lines.entries()) {
    const text = raw?.trim();
    if (text === '') continue;
    const read = text === undefined ? `is no UTF-8, or longer than ${maxLine} bytes` : readLine(text, schema);
    if (typeof read === 'string') bad.push({ line: index + 1, reason: read });
    else good.push({ line: index + 1, value: read.value });
  }
  return { good, bad };
}

function readLine<Value>(text: string, schema: z.ZodType<Value>): { readonly value: Value } | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'is no JSON';
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  return `${path === '' ? 'the line' : path}: ${issue?.message ?? 'does not fit'}`;
}
