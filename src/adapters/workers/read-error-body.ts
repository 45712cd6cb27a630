import { type JsonRecord, isRecord, recordIn, recordsIn, textIn } from './json-blocks.js';

/** What the body of an answer that is no success says of it. */
export interface ErrorBody {
  /** The most exact code that it names; null: none. */
  readonly code: string | null;
  /** Its own words; empty: none. */
  readonly words: string;
  /** When it says to come back, where it says so here and not in a header (Google's RetryInfo). */
  readonly retryAfterMs: number | null;
}

const longestCode = 80;

/**
 * Reads the error body of any of the four wire protocols: OpenAI's `error.code` and `error.type`, Anthropic's
 * `error.type`, Google's `error.details[].reason` and `error.status` (a list of one where it streams). A body that is none
 * of these says nothing but its words. @see https://google.aip.dev/193
 */
export function readErrorBody(text: string): ErrorBody {
  const [body] = objectsOf(text);
  if (body === undefined) return { code: null, words: text.slice(0, 2000), retryAfterMs: null };
  const error = recordIn(body, 'error') ?? body;
  const details = recordsIn(error, 'details');
  const codes = [
    textIn(error, 'code'),
    ...details.map((detail) => textIn(detail, 'reason')),
    error === body ? '' : textIn(error, 'type'),
    textIn(error, 'status'),
  ];
  const code = codes.find((one) => one !== '') ?? null;
  return {
    code: code === null ? null : code.slice(0, longestCode),
    words: (textIn(error, 'message') || textIn(body, 'error')).slice(0, 2000),
    retryAfterMs: details.map(retryInfo).find((ms) => ms !== null) ?? null,
  };
}

function objectsOf(text: string): readonly JsonRecord[] {
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]).filter(isRecord);
  } catch {
    return [];
  }
}

function retryInfo(detail: JsonRecord): number | null {
  const seconds = /^(\d{1,6}(?:\.\d+)?)s$/.exec(textIn(detail, 'retryDelay'))?.[1];
  return seconds === undefined ? null : Math.ceil(Number(seconds) * 1000);
}
