import type { ModelMessage, ToolSet } from 'ai';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { WorkNews, WorkerFaultCode } from '../../../ports/worker.js';
import { faceOf } from '../face-of-class.js';
import { findJsonBlocks, recordIn } from '../json-blocks.js';
import { readAnswer } from '../read-answer.js';
import type { Room } from '../room/room.js';
import { type Conversation, type ModelAnswer, askModel, throwIfStopped } from './ask-model.js';
import { type Carried, type LoopEnd, carryOut } from './carry-out.js';
import { fitMessages } from './fit-messages.js';
import { cutOff, nudge } from './loop-prompt.js';

export interface LoopMatter {
  readonly system: string;
  readonly prompt: string;
  readonly tools: ToolSet;
  readonly room: Room;
  readonly tell: (news: WorkNews) => void;
  /** Longest prompt that the model can read; null where nobody said. */
  readonly contextTokens: number | null;
  /** Whether something must have been edited before the work can be finished. */
  readonly mustEdit: boolean;
  /** An answer in words is the end: a question was asked. */
  readonly wordsEnd?: boolean;
}

/** How the loop came to its end, and who answered. */
export interface LoopResult {
  /** Null when the model ended in words that say nothing readable. */
  readonly end: LoopEnd | null;
  readonly lastText: string;
  /** The model that the endpoint says it is. */
  readonly modelId: string;
}

const mostErrorsInARow = 8;
const mostNudges = 2;

/**
 * Lets a model work through tools until it ends, a bound is reached, or the task is cancelled. Bounds are looked at before
 * and after every call, and stop what runs in the room as well.
 * @throws WorkFault as `askModel`; AGENT_FAILED after eight failed tool calls in a row or three answers without a call
 */
export async function runEditLoop(talk: Conversation, matter: LoopMatter): Promise<LoopResult> {
  const messages: ModelMessage[] = [{ role: 'user', content: matter.prompt }];
  const row = { errors: 0, nudges: 0, edited: !matter.mustEdit };
  for (;;) {
    const fitting = fitMessages(messages, matter.contextTokens);
    const answer = await askModel(talk, { system: matter.system, messages: fitting, tools: matter.tools });
    noteAnswer(talk, matter, answer);
    messages.push(...answer.response.messages);
    const result = { lastText: answer.text, modelId: answer.response.modelId };
    if (answer.finishReason === 'content-filter') throw filtered(talk);

    if (answer.toolCalls.length === 0) {
      const words = hearWords(matter, answer, row);
      if (words !== 'go on') return { ...result, end: words };
      messages.push({ role: 'user', content: answer.finishReason === 'length' ? cutOff : nudge });
      continue;
    }
    row.nudges = 0;
    const end = await answerCalls(talk, matter, answer, messages, row);
    if (end !== null) return { ...result, end };
  }
}

/** What an answer without a call comes to: an end (null when it says nothing readable), or one more reminder. */
function hearWords(matter: LoopMatter, answer: ModelAnswer, row: Row): LoopEnd | null | 'go on' {
  if (matter.wordsEnd === true && answer.finishReason !== 'length') return null;
  const end = endInWords(answer.text);
  if (end !== null && (row.edited || end.kind !== 'change')) return end;
  row.nudges += 1;
  return row.nudges > mostNudges ? null : 'go on';
}

/** An end that was written where it should have been called; null for words that end nothing. */
function endInWords(text: string): LoopEnd | null {
  const { outcome, rationale } = readAnswer(text);
  if (outcome.kind !== 'change') return outcome;
  const isEnd = findJsonBlocks(text).some((block) => recordIn(block, 'rationale') !== null);
  return isEnd ? { kind: 'change', rationale } : null;
}

interface Row {
  errors: number;
  nudges: number;
  edited: boolean;
}

/** Carries the calls of one answer out, in order, and adds what they came to. The first that ends the work is the last. */
async function answerCalls(
  talk: Conversation,
  matter: LoopMatter,
  answer: ModelAnswer,
  messages: ModelMessage[],
  row: Row,
): Promise<LoopEnd | null> {
  const answered = new Set(answer.response.messages.flatMap(resultIds));
  for (const call of answer.toolCalls) {
    const carried: Carried = answered.has(call.toolCallId)
      ? { ok: false, text: 'the call could not be read' }
      : await orStopped(talk, carryOut(matter.room, call.toolName, call.input));
    const told = 'end' in carried ? refuseEarlyEnd(carried.end, row) : carried;
    if (told === null) return 'end' in carried ? carried.end : null;
    row.errors = told.ok ? 0 : row.errors + 1;
    row.edited ||= told.edited === true;
    talk.note({ kind: 'tool', name: call.toolName, input: call.input, ok: told.ok, text: told.text });
    matter.tell(told.news ?? { kind: 'tool', text: `${call.toolName}${told.ok ? '' : ' failed'}` });
    if (row.errors >= mostErrorsInARow)
      throw ended(talk, `${row.errors} calls in a row failed: ${told.text.slice(0, 300)}`);
    if (!answered.has(call.toolCallId)) messages.push(resultMessage(call.toolCallId, call.toolName, told.text));
  }
  return null;
}

/** A model that finishes before it has done anything is told so; null lets the end stand. */
function refuseEarlyEnd(end: LoopEnd, row: Row): Exclude<Carried, { end: LoopEnd }> | null {
  if (end.kind !== 'change' || row.edited) return null;
  return { ok: false, text: 'nothing was edited yet: edit first, or say that the specification cannot be met' };
}

function resultIds(message: ModelMessage): readonly string[] {
  if (message.role !== 'tool') return [];
  return message.content.flatMap((part) => (part.type === 'tool-result' ? [part.toolCallId] : []));
}

function resultMessage(toolCallId: string, toolName: string, value: string): ModelMessage {
  return { role: 'tool', content: [{ type: 'tool-result', toolCallId, toolName, output: { type: 'text', value } }] };
}

function noteAnswer(talk: Conversation, matter: LoopMatter, answer: ModelAnswer): void {
  talk.note({
    kind: 'answer',
    model: answer.response.modelId,
    finish: answer.finishReason,
    text: answer.text,
    calls: answer.toolCalls.map(({ toolName }) => toolName),
    usage: answer.totalUsage,
  });
  if (answer.text.trim() !== '') matter.tell({ kind: 'message', text: answer.text });
  const spend = talk.meter.spend();
  matter.tell({ kind: 'spend', text: `turn ${spend.turns}`, spend });
}

/** Waits for work in the room no longer than the run may last; closing the room ends what is left of it. */
async function orStopped<T>(talk: Conversation, work: Promise<T>): Promise<T> {
  throwIfStopped(talk);
  let onStop = (): void => undefined;
  const stopped = new Promise<null>((resolve) => {
    onStop = (): void => resolve(null);
    talk.stop.addEventListener('abort', onStop, { once: true });
  });
  try {
    const first = await Promise.race([work.then((value) => ({ value })), stopped]);
    if (first !== null) return first.value;
    work.catch(() => undefined);
    throwIfStopped(talk);
    throw ended(talk, 'the run was stopped');
  } finally {
    talk.stop.removeEventListener('abort', onStop);
  }
}

/** A success by its status that ends in a refusal. */
function filtered(talk: Conversation): WorkFault<WorkerFaultCode> {
  const answer = { status: 200, code: 'content_filter' };
  const { code, mend } = faceOf('content-filter', answer, null);
  const spend = talk.meter.spend();
  return new WorkFault(code, 'the endpoint’s content filter stopped the answer', { mend, spend, answer });
}

function ended(talk: Conversation, message: string): WorkFault<WorkerFaultCode> {
  return new WorkFault<WorkerFaultCode>('AGENT_FAILED', message, {
    mend: 'look at the transcript: arbiter task logs; take another model or a smaller piece of work',
    spend: talk.meter.spend(),
  });
}
