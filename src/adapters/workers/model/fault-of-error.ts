import { APICallError } from 'ai';
import { type EndpointAnswer, classifyAnswer } from '../../../core/registry/error-class.js';
import { mayRetry, readRetryAfter } from '../../../core/registry/retry.js';
import type { Spend } from '../../../core/tasks/spend.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';
import { faceOf, sayAnswer } from '../face-of-class.js';
import { readErrorBody } from '../read-error-body.js';

/** What a failed model call means, before it is known what was spent. */
export interface CallFailure {
  readonly code: WorkerFaultCode;
  readonly message: string;
  readonly mend: string;
  /** Whether the same call may go well a little later. */
  readonly again: boolean;
  /** When the endpoint said to come back. */
  readonly retryAfterMs: number | null;
  /** What it answered; null where what came cannot be used, or the fault is not of a call. */
  readonly heard: EndpointAnswer | null;
}

const longestMessage = 400;

/** Reads an error of the SDK or of the network. `nowMs` is the time of day, for dates in `retry-after`. */
export function readCallError(error: unknown, nowMs: number): CallFailure {
  if (!APICallError.isInstance(error)) return unknownFailure(error);
  const said = cut(error.message);
  const status = error.statusCode ?? null;
  const { code, words, retryAfterMs: inBody } = readErrorBody((error.responseBody ?? '').slice(0, 20_000));
  const answer: EndpointAnswer = { status, code, words: `${said} ${words}` };
  const errorClass = classifyAnswer(answer);
  if (status === null) return unreachable(`the endpoint cannot be reached: ${said}`);
  if (errorClass === null) return unreadable(said);
  const retryAfterMs = readRetryAfter(error.responseHeaders ?? {}, nowMs) ?? inBody;
  const { code: fault, means, mend } = faceOf(errorClass, answer, retryAfterMs);
  const message = `${means} (${sayAnswer(answer)}): ${said}`;
  return { code: fault, message, mend, again: mayRetry(errorClass), retryAfterMs, heard: answer };
}

/** A fault of it, with what was spent. */
export function faultOf(failure: CallFailure, spend: Spend, cause?: unknown): WorkFault<WorkerFaultCode> {
  const { code, message, mend, retryAfterMs, heard } = failure;
  const why = cause === undefined ? {} : { cause };
  return new WorkFault<WorkerFaultCode>(code, message, { mend, spend, retryAfterMs, answer: heard, ...why });
}

/** No answer came, which may be otherwise in a moment. */
function unreachable(message: string): CallFailure {
  const answer: EndpointAnswer = { status: null, code: null };
  const { code, mend } = faceOf('network', answer, null);
  return { code, message, mend, again: true, retryAfterMs: null, heard: answer };
}

/** A success that is none: some gateway spoke in the endpoint's place. */
function unreadable(said: string): CallFailure {
  return { ...unreachable(`the endpoint's answer cannot be read: ${said}`), heard: null };
}

function unknownFailure(error: unknown): CallFailure {
  const said = cut(error instanceof Error ? error.message : String(error));
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  if (/fetch failed|ECONN|ENOTFOUND|EAI_AGAIN|socket|other side closed|terminated|timeout/i.test(`${said} ${cause}`))
    return unreachable(`the connection to the endpoint broke: ${cut(cause === '' ? said : cause)}`);
  return {
    code: 'AGENT_FAILED',
    message: `the model's answer cannot be used: ${said}`,
    mend: 'look at the transcript: arbiter task logs',
    again: false,
    retryAfterMs: null,
    heard: null,
  };
}

function cut(text: string): string {
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}
