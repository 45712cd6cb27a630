import type { z } from 'zod';
import { canonicalJson } from '../canonical-json.js';
import { isFault } from '../fault.js';

/**
 * The value of a text that is the RFC 8785 JSON of something of the schema, or what is wrong with it. Another spelling is
 * refused: JSON readers differ on a key that stands twice, on numbers and on escapes, and one spelling leaves them no
 * choice. Total: text that nests too deep to be read is refused like any other.
 * @param text null where bytes were no UTF-8
 */
export function readCanonical<T>(schema: z.ZodType<T>, text: string | null): { readonly value: T } | string {
  const parsed = parse(schema, text ?? '');
  if (typeof parsed === 'string') return parsed;
  return spell(parsed.value) === text ? parsed : 'it is not in the one spelling of its values (RFC 8785)';
}

/** The RFC 8785 text of a value; null for one that has none here, such as a float: it equals no text. */
export function spell(value: unknown): string | null {
  try {
    return canonicalJson(value);
  } catch (error) {
    if (isFault(error, 'JSON_NOT_CANONICAL')) return null;
    throw error;
  }
}

function parse<T>(schema: z.ZodType<T>, text: string): { readonly value: T } | string {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return { value: parsed.data };
    const [issue] = parsed.error.issues;
    return `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'invalid'}`;
  } catch (error) {
    if (error instanceof SyntaxError) return 'it is not JSON';
    // What nests deeper than the stack is high.
    if (error instanceof RangeError) return 'it nests too deep';
    throw error;
  }
}
