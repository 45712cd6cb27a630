import { z } from 'zod';
import type { PointFilter } from '../../ports/point-store.js';

const day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, 'is no day such as 2026-11-27')
  .refine((text) => !Number.isNaN(Date.parse(`${text}T00:00:00.000Z`)), 'is no day of the calendar');

/** A stretch of time in whole days, UTC. */
export const timeSchema = {
  since: day.optional().describe('From the beginning of this day on, UTC.'),
  until: day.optional().describe('Up to the end of this day, UTC.'),
};

const dayMs = 86_400_000;

/** The stretch in milliseconds; open where nothing was said. */
export function toFilter(input: {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}): Pick<PointFilter, 'sinceMs' | 'untilMs'> {
  const { since, until } = input;
  return {
    ...(since === undefined ? {} : { sinceMs: Date.parse(`${since}T00:00:00.000Z`) }),
    ...(until === undefined ? {} : { untilMs: Date.parse(`${until}T00:00:00.000Z`) + dayMs }),
  };
}
