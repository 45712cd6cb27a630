import type { ErrorClass } from './error-class.js';

const baseMs = 500;
const capMs = 60_000;

/** Whether the same call may go better later. A key, a request or a content that was refused will be refused again. */
export function mayRetry(errorClass: ErrorClass): boolean {
  return errorClass === 'rate-limit' || errorClass === 'overload' || errorClass === 'network';
}

/**
 * How long to wait before try `attempt` + 1 (`attempt` counts from 1): full jitter over min(60 s, 0.5 s · 2ⁿ), and never
 * less than the endpoint asked for. `draw` is in [0, 1); `retryAfterMs` is null where nothing was asked for.
 * @see Brooker, "Exponential backoff and jitter", AWS Architecture Blog (2015)
 */
export function retryDelayMs(attempt: number, retryAfterMs: number | null, draw: number): number {
  const span = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
  const jitter = Math.floor(draw * span);
  // Those who were all told the same time must not all come at that time.
  return retryAfterMs === null ? jitter : Math.max(0, retryAfterMs) + Math.floor(draw * Math.min(span, baseMs * 2));
}

const dayMs = 86_400_000;

/** Headers by their names in lower case, as both node and fetch have them. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The milliseconds that an answer asks to wait, by `retry-after-ms`, which some endpoints send, or by `retry-after`:
 * seconds, or an HTTP date. Null when it asks for nothing that can be read. What lies in the past is 0, what is longer than
 * a day is a day. @see RFC 9110 §10.2.3
 */
export function readRetryAfter(headers: AnswerHeaders, nowMs: number): number | null {
  const exact = headers['retry-after-ms'];
  if (typeof exact === 'string' && number.test(exact.trim())) return withinDay(Number(exact));
  const said = headers['retry-after'];
  if (typeof said !== 'string') return null;
  const text = said.trim();
  if (number.test(text)) return withinDay(Number(text) * 1000);
  const date = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? null : withinDay(date - nowMs);
}

const number = /^\d+(?:\.\d+)?$/;

function withinDay(ms: number): number {
  return Math.min(dayMs, Math.max(0, Math.ceil(ms)));
}

const freeRetries = 10;

/** Over so long retries and tasks are counted against each other. */
export const retryWindowMs = 3_600_000;

/**
 * Whether one more retry keeps retries at a tenth of the tasks at most (the first ten are free): more would feed an outage.
 * Both are counted over `retryWindowMs`.
 */
export function withinRetryBudget(retries: number, tasks: number): boolean {
  return retries < Math.max(freeRetries, tasks / 10);
}
