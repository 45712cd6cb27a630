import { z } from 'zod';
import { type ErrorClass, errorClassSchema } from './error-class.js';

const count = z.number().int().nonnegative();

/** A circuit breaker of an agent or of an endpoint. Milliseconds since the epoch. */
export const breakerSchema = z
  .strictObject({
    /** All faults ever, class by class. */
    faults: z.partialRecord(errorClassSchema, count),
    /** Faults since the last success, class by class. */
    row: z.partialRecord(errorClassSchema, count),
    /** How often it opened since the last success: each time it stays open twice as long. */
    trips: count,
    /** Null: closed. Past: half open, for one trial at a time. */
    open_until_ms: count.nullable(),
    because: errorClassSchema.nullable(),
    /** Until then the one trial of a half-open breaker is under way. */
    trial_until_ms: count,
    /** The task whose trial that is; null: nobody's. */
    trial_by: z.string().nullable().default(null),
  })
  .meta({ id: 'Breaker' });
export type Breaker = z.infer<typeof breakerSchema>;

export const closedBreaker: Breaker = {
  faults: {},
  row: {},
  trips: 0,
  open_until_ms: null,
  because: null,
  trial_until_ms: 0,
  trial_by: null,
};

/**
 * After how many in a row of a class a breaker opens. What is wrong with a request (its form, its content, its length)
 * says nothing of the next one, and opens nothing.
 */
const opensAfter: Readonly<Record<ErrorClass, number>> = {
  'rate-limit': 1,
  overload: 3,
  auth: 1,
  network: 3,
  crash: 3,
  'invalid-request': Infinity,
  'content-filter': Infinity,
  'context-length': Infinity,
};

const firstMs = 5_000;
const longestMs = 600_000;
const authMs = 900_000;
const trialMs = 300_000;

/** A fault of a call that was made. */
export interface CallFault {
  readonly errorClass: ErrorClass;
  readonly atMs: number;
  /** What the endpoint asked for; null: nothing. */
  readonly retryAfterMs: number | null;
  /** In [0, 1): keeps replicas from coming back in step. */
  readonly draw: number;
}

/** The breaker after a fault. A trial that fails opens it again at once. */
export function tripBreaker(breaker: Breaker, fault: CallFault): Breaker {
  const { errorClass, atMs } = fault;
  const inRow = (breaker.row[errorClass] ?? 0) + 1;
  const counted: Breaker = {
    ...breaker,
    faults: { ...breaker.faults, [errorClass]: (breaker.faults[errorClass] ?? 0) + 1 },
    row: { ...breaker.row, [errorClass]: inRow },
  };
  const isTrial = breaker.open_until_ms !== null && breaker.open_until_ms <= atMs;
  const limit = opensAfter[errorClass];
  if (inRow < limit && !(isTrial && limit !== Infinity)) return counted;
  const until = atMs + openMs(fault, breaker.trips);
  return {
    ...counted,
    trips: breaker.trips + 1,
    // One that is open already is not opened for less.
    open_until_ms: Math.max(until, breaker.open_until_ms ?? 0),
    because: errorClass,
    trial_until_ms: 0,
    trial_by: null,
  };
}

function openMs({ errorClass, retryAfterMs, draw }: CallFault, trips: number): number {
  if (errorClass === 'auth') return authMs;
  const span = Math.min(longestMs, firstMs * 2 ** Math.min(trips, 20));
  return Math.max(retryAfterMs ?? 0, Math.floor(span / 2)) + Math.floor((draw * span) / 2);
}

/** The breaker after a call that went well: closed, and its past forgiven but for the counts. */
export function closeBreaker(breaker: Breaker): Breaker {
  return { ...closedBreaker, faults: breaker.faults };
}

/** Whether a call may be made. `trial`: one, to see whether it goes well again. */
export type Admission =
  | { readonly state: 'closed' | 'trial' }
  | { readonly state: 'open'; readonly untilMs: number; readonly because: ErrorClass };

/** What a breaker says at a moment to a task (null: to nobody in particular). Who has the trial may go on with it. */
export function admit(breaker: Breaker, nowMs: number, taskId: string | null = null): Admission {
  const { open_until_ms, because, trial_until_ms, trial_by } = breaker;
  if (open_until_ms === null || because === null) return { state: 'closed' };
  const isMine = taskId !== null && trial_by === taskId;
  const untilMs = isMine ? open_until_ms : Math.max(open_until_ms, trial_until_ms);
  return nowMs < untilMs ? { state: 'open', untilMs, because } : { state: 'trial' };
}

/** The breaker with its one trial taken by a task; the same where there is none to take. */
export function takeTrial(breaker: Breaker, nowMs: number, taskId: string | null = null): Breaker {
  if (admit(breaker, nowMs, taskId).state !== 'trial') return breaker;
  return { ...breaker, trial_until_ms: nowMs + trialMs, trial_by: taskId };
}
