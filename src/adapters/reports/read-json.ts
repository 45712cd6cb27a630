import type { z } from 'zod';
import { unparseable } from './unparseable.js';

const maxDepth = 200;

/**
 * Parses JSON and checks its shape. Nesting over 200 is refused before parsing.
 * @throws REPORT_UNPARSEABLE with the path in the document
 */
export function readJson<Shape>(format: string, text: string, schema: z.ZodType<Shape>): Shape {
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  checkDepth(format, body);
  const result = schema.safeParse(parse(format, body));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw unparseable(format, `at /${issue?.path.join('/') ?? ''}: ${issue?.message ?? 'another shape'}`);
}

function parse(format: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unparseable(format, `no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, undefined, cause);
  }
}

function checkDepth(format: string, text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > maxDepth) throw unparseable(format, `nested deeper than ${maxDepth}`);
  }
}

/** Offset of the closing quote; of the text's end when there is none, which the parser then refuses. */
function endOfString(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
