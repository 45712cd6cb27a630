import { z } from 'zod';

/** Field shapes that are truly the same in more than one dialect. */

export const text = z.string().min(1);

/** Ids of dialects B (10.2) and C: `FIX-011`, `P03-IMPL-01`, `APC-01a`. */
export const specIdPattern = /^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*-\d+[a-z]*$/;

/** RFC 3339 with zone, as the public tool asks: a day without time does not do. */
export const dateTimePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export const dateTime = z.string().regex(dateTimePattern);

export const fiveModes = z.enum(['feature', 'refactor', 'fix', 'doc', 'chore']);

export const tierNumber = z.literal([1, 2, 3]);

/** Acceptance ids of dialects A and C. */
export const acceptanceId = z.string().regex(/^A\d+$/);

/** Milliseconds of a date and time with or without zone, null when it is none. A zoneless one is read as UTC. */
export function timeOf(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value);
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/i.test(value);
  const ms = Date.parse(day || zoned ? value : `${value.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? null : ms;
}
