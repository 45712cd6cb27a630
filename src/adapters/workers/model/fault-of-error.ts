import { APICallError } from 'ai';
import { readRetryAfter } from '../../../core/registry/retry.js';
import type { Spend } from '../../../core/tasks/spend.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';

/** What a failed model call means, before it is known what was spent. */
export interface CallFailure {
  readonly code: WorkerFaultCode;
  readonly message: string;
  readonly mend: string;
  /** Whether the same call may go well a little later. */
  readonly again: boolean;
  /** When the endpoint said to come back. */
  readonly retryAfterMs: number | null;
}

const longestMessage = 400;

/** Reads an error of the SDK or of the network. `nowMs` is the time of day, for dates in `retry-after`. */
export function readCallError(error: unknown, nowMs: number): CallFailure {
  if (!APICallError.isInstance(error)) return { ...unknownFailure(error), retryAfterMs: null };
  const body = (error.responseBody ?? '').slice(0, 20_000);
  const said = cut(error.message);
  const retryAfterMs = readRetryAfter(error.responseHeaders ?? {}, nowMs);
  return { ...byStatus(error.statusCode, said, body), retryAfterMs };
}

/** A fault of it, with what was spent. */
export function faultOf(failure: CallFailure, spend: Spend, cause?: unknown): WorkFault<WorkerFaultCode> {
  const { code, message, mend, retryAfterMs } = failure;
  return new WorkFault<WorkerFaultCode>(code, message, {
    mend,
    spend,
    retryAfterMs,
    ...(cause === undefined ? {} : { cause }),
  });
}

type Failure = Omit<CallFailure, 'retryAfterMs'>;

function byStatus(status: number | undefined, said: string, body: string): Failure {
  if (status === undefined) return down(`the endpoint cannot be reached: ${said}`);
  if (status === 401 || status === 403) return refusedKey(`the endpoint refuses the key (${status}): ${said}`);
  if (status === 402 || /insufficient_quota|credit balance is too low/i.test(body))
    return refusedKey(`the key has no credit left (${status}): ${said}`);
  if (status === 429) return busy(`the endpoint says that there were too many calls: ${said}`);
  if (status === 408 || status >= 500) return down(`the endpoint fails (${status}): ${said}`);
  if (status < 300) return down(`the endpoint's answer cannot be read: ${said}`);
  return agentFailed(status, said, body);
}

function agentFailed(status: number, said: string, body: string): Failure {
  const words = `${said} ${body}`;
  const failure = (message: string, mend: string): Failure => ({ code: 'AGENT_FAILED', message, mend, again: false });
  if (/context.{0,20}(?:length|window)|too many tokens|prompt is too long|maximum.{0,20}tokens/i.test(words))
    return failure(
      `the conversation is longer than the model can read: ${said}`,
      'divide the task, set --context-tokens for the agent, or take a model with a longer context',
    );
  if (/content.?(?:filter|policy|management)|safety/i.test(words))
    return failure(`the endpoint's content filter stopped the call: ${said}`, 'say the task in other words');
  if (status === 404)
    return failure(
      `the endpoint knows no such model or address: ${said}`,
      'look at the model and base URL of the agent: arbiter agents list',
    );
  return failure(`the endpoint refuses the call (${status}): ${said}`, 'look at the agent: arbiter agents check');
}

function down(message: string): Failure {
  return { code: 'ENDPOINT_DOWN', message, mend: 'see that the endpoint answers; the task tries again', again: true };
}

function busy(message: string): Failure {
  return { code: 'ENDPOINT_BUSY', message, mend: 'wait, or lower the agent’s concurrency', again: true };
}

function refusedKey(message: string): Failure {
  return {
    code: 'AGENT_REFUSED_KEY',
    message,
    mend: 'put a key that is good into the variable that the agent names, and resume the task',
    again: false,
  };
}

function unknownFailure(error: unknown): Failure {
  const said = cut(error instanceof Error ? error.message : String(error));
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  if (/fetch failed|ECONN|ENOTFOUND|EAI_AGAIN|socket|other side closed|terminated|timeout/i.test(`${said} ${cause}`))
    return down(`the connection to the endpoint broke: ${cut(cause === '' ? said : cause)}`);
  return {
    code: 'AGENT_FAILED',
    message: `the model's answer cannot be used: ${said}`,
    mend: 'look at the transcript: arbiter task logs',
    again: false,
  };
}

function cut(text: string): string {
  return text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
}
