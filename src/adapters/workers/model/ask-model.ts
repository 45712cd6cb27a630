import {
  APICallError,
  type GenerateTextResult,
  type LanguageModelUsage,
  type ModelMessage,
  NoObjectGeneratedError,
  Output,
  type ToolSet,
  generateText,
} from 'ai';
import type { z } from 'zod';
import type { Price } from '../../../core/registry/agent-profile.js';
import { costMicroUsd } from '../../../core/registry/cost.js';
import { retryDelayMs } from '../../../core/registry/retry.js';
import { type Bounds, remainingBounds } from '../../../core/tasks/spend.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';
import type { Meter } from '../spend/meter.js';
import { type CallFailure, faultOf, readCallError } from './fault-of-error.js';
import type { SdkModel } from './language-model.js';

/** What one conversation with a model is held in. */
export interface Conversation {
  readonly model: SdkModel;
  readonly price: Price;
  readonly bounds: Bounds;
  readonly meter: Meter;
  /** Fires when the task is cancelled or a bound is reached. */
  readonly stop: AbortSignal;
  /** The task's own signal: tells cancellation from a bound. */
  readonly cancelled: AbortSignal;
  readonly note: (entry: Readonly<Record<string, unknown>>) => void;
  readonly nowMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Question {
  readonly system: string;
  readonly messages: ModelMessage[];
  readonly tools?: ToolSet;
  /** Asks for JSON of this shape in place of words. */
  readonly schema?: z.ZodType;
}

const tries = 4;
const longestPauseMs = 10_000;
const longestCallMs = 600_000;
const longestAnswer = 8192;
const bytesPerToken = 4;

/** An answer, with the tools and the output left open. */
export type ModelAnswer = GenerateTextResult<ToolSet, Output.Output>;

/**
 * Asks once; where the endpoint is busy or down, again after a pause with full jitter, all of it inside the bounds. Each call is
 * metered, by an estimate of its bytes where nothing is reported.
 * @throws WorkFault: BOUND_REACHED, AGENT_CANCELLED, AGENT_REFUSED_KEY, ENDPOINT_BUSY, ENDPOINT_DOWN, AGENT_FAILED
 */
export async function askModel(talk: Conversation, question: Question): Promise<ModelAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    throwIfStopped(talk);
    const failure = await tryOnce(talk, question);
    if ('answer' in failure) {
      throwIfStopped(talk);
      return failure.answer;
    }
    const pauseMs = pauseAfter(failure, attempt, talk.random());
    talk.note({ kind: 'call-failed', code: failure.code, message: failure.message, attempt, pauseMs });
    if (pauseMs === null) throw faultOf(failure, talk.meter.spend(), failure.cause);
    // the pause ends early when the run is stopped, which the next turn of the loop tells
    await talk.wait(pauseMs, talk.stop);
  }
}

/** Ends a run that was cancelled or has reached a bound. @throws AGENT_CANCELLED, BOUND_REACHED */
export function throwIfStopped(talk: Pick<Conversation, 'cancelled' | 'meter'>): void {
  if (talk.cancelled.aborted) {
    throw new WorkFault<WorkerFaultCode>('AGENT_CANCELLED', 'the work was cancelled', {
      mend: 'resume the task to go on',
      spend: talk.meter.spend(),
    });
  }
  const bound = talk.meter.reached();
  if (bound !== null) throw boundReached(talk.meter, bound);
}

function boundReached(meter: Meter, bound: string): WorkFault<WorkerFaultCode> {
  return new WorkFault<WorkerFaultCode>('BOUND_REACHED', `the task's bound of ${bound} is reached`, {
    mend: `give the task a wider bound of ${bound}, or a smaller piece of work`,
    spend: meter.spend(),
  });
}

type Tried = { readonly answer: ModelAnswer } | (CallFailure & { readonly cause: unknown });

async function tryOnce(talk: Conversation, question: Question): Promise<Tried> {
  const promptTokens = Math.ceil(sizeOf(question) / bytesPerToken);
  const allowed = answerAllowance(talk, promptTokens);
  try {
    const answer = await generateText({
      model: talk.model,
      system: question.system,
      messages: question.messages,
      maxRetries: 0,
      abortSignal: AbortSignal.any([talk.stop, AbortSignal.timeout(longestCallMs)]),
      ...(allowed === null ? {} : { maxOutputTokens: allowed }),
      ...(question.tools === undefined ? {} : { tools: question.tools }),
      ...(question.schema === undefined ? {} : { output: Output.object({ schema: question.schema }) }),
    });
    const written = answer.text.length + JSON.stringify(answer.toolCalls).length;
    count(talk.meter, { usage: answer.totalUsage, written }, promptTokens);
    return { answer };
  } catch (error) {
    countFailed(talk, error, promptTokens);
    throwIfStopped(talk);
    return { ...readCallError(error, talk.nowMs()), cause: error };
  }
}

/** Counts a call that failed after it was under way: its prompt is charged for, and what came of it where that is known. */
function countFailed(talk: Conversation, error: unknown, promptTokens: number): void {
  if (NoObjectGeneratedError.isInstance(error)) {
    const answer = { usage: error.usage, written: error.text?.length ?? 0 };
    count(talk.meter, answer, promptTokens);
    return;
  }
  const isTimeout = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  const isAnswered = APICallError.isInstance(error) && (error.statusCode ?? 500) < 300;
  if (talk.stop.aborted || isTimeout || isAnswered) count(talk.meter, { usage: undefined, written: 0 }, promptTokens);
}

/**
 * How long the answer may be so that it cannot pass a bound; null where nothing bounds it. What the prompt alone would
 * pass is not asked.
 */
function answerAllowance(talk: Conversation, promptTokens: number): number | null {
  const left = remainingBounds(talk.bounds, talk.meter.spend());
  const limits: number[] = [];
  if (left.tokens !== null) limits.push(atLeastOne(talk.meter, 'tokens', left.tokens - promptTokens));
  if (left.micro_usd !== null && talk.price.output > 0) {
    const prompt = { inputTokens: promptTokens, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const rest = left.micro_usd - costMicroUsd(talk.price, prompt);
    limits.push(atLeastOne(talk.meter, 'money', Math.floor((rest * 1_000_000) / talk.price.output)));
  }
  return limits.length === 0 ? null : Math.min(longestAnswer, ...limits);
}

function atLeastOne(meter: Meter, bound: string, tokens: number): number {
  if (tokens < 1) throw boundReached(meter, bound);
  return tokens;
}

interface Counted {
  readonly usage: LanguageModelUsage | undefined;
  /** Characters that the model wrote. */
  readonly written: number;
}

function count(meter: Meter, { usage, written }: Counted, promptTokens: number): void {
  meter.add({
    inputTokens: usage?.inputTokens || Math.max(1, promptTokens),
    outputTokens: usage?.outputTokens || Math.ceil(written / bytesPerToken),
    cacheReadTokens: usage?.inputTokenDetails.cacheReadTokens ?? 0,
    cacheWriteTokens: usage?.inputTokenDetails.cacheWriteTokens ?? 0,
  });
}

function sizeOf(question: Question): number {
  return Buffer.byteLength(question.system + JSON.stringify(question.messages));
}

/** Null when asking again is of no use, or when the endpoint named a time that is too long to sit here and wait. */
function pauseAfter(failure: CallFailure, attempt: number, random: number): number | null {
  if (!failure.again || attempt >= tries) return null;
  if ((failure.retryAfterMs ?? 0) > longestPauseMs) return null;
  return retryDelayMs(attempt, failure.retryAfterMs, random);
}
