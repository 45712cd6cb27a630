import { setTimeout as sleep } from 'node:timers/promises';
import { isFault } from '../../../core/fault.js';
import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { Assignment, ProposedPlan, Submission, WorkNews, Worker, WorkerFaultCode } from '../../../ports/worker.js';
import { readAnswer, readObjectIn } from '../read-answer.js';
import type { Room } from '../room/room.js';
import { type RunningMeter, createMeter } from '../spend/create-meter.js';
import type { Meter } from '../spend/meter.js';
import { priceOfAgent } from '../spend/price-of-agent.js';
import { type Conversation, throwIfStopped } from './ask-model.js';
import { runEditLoop } from './edit-loop.js';
import { toolsFor } from './edit-tools.js';
import type { SdkModel } from './language-model.js';
import { askInstructions, editInstructions, loopVersion } from './loop-prompt.js';
import { proposePlan } from './propose-plan.js';
import { type Transcript, createTranscript } from './transcript.js';

/** What a worker with our own edit loop asks of its surroundings. */
export interface LoopWorkerDeps {
  /** A clone and a sandbox for the assignment. No relay is asked for: the model is called by this process. */
  openRoom(assignment: Assignment, meter: Meter, signal: AbortSignal): Promise<Room>;
  /** From 0 up to 1; `Math.random` when left out. */
  readonly random?: () => number;
}

/** A model that was made ready for one assignment. */
export interface OpenModel {
  readonly model: SdkModel;
  /** Version of the program that runs or calls it. */
  readonly version: string;
  /** Longest prompt that the model can read; null where nobody said. */
  readonly contextTokens: number | null;
  /** Struck out of transcripts and messages. */
  readonly secrets: readonly (string | null)[];
  close(): Promise<void>;
}

interface Run {
  readonly assignment: Assignment;
  readonly tell: (news: WorkNews) => void;
  readonly talk: Conversation;
  readonly room: Room;
  readonly open: OpenModel;
  readonly transcript: Transcript;
}

/**
 * A worker around a bare model: our loop, our tools, carried out in a room. `openModel` is called once for each
 * assignment, and what it opened is closed whatever happens.
 * @throws PRICE_UNKNOWN
 */
export function createLoopWorker(
  agent: AgentProfile,
  deps: LoopWorkerDeps,
  openModel: (assignment: Assignment, signal: AbortSignal) => Promise<OpenModel>,
): Worker {
  const { price } = priceOfAgent(agent);

  const perform = async <T>(
    assignment: Assignment,
    tell: (news: WorkNews) => void,
    cancelled: AbortSignal,
    run: (run: Run) => Promise<T>,
  ): Promise<T> => {
    const meter = createMeter({ price, bounds: assignment.bounds });
    const stop = stopOf(meter, cancelled);
    const closing: (() => Promise<void>)[] = [];
    try {
      throwIfStopped({ cancelled, meter });
      const open = await openModel(assignment, stop.signal);
      closing.push(() => open.close());
      throwIfStopped({ cancelled, meter });
      const room = await deps.openRoom(assignment, meter, stop.signal);
      closing.push(() => room.close());
      const transcript = createTranscript([...open.secrets, room.token]);
      const talk: Conversation = {
        model: open.model,
        price,
        bounds: assignment.bounds,
        meter,
        stop: stop.signal,
        cancelled,
        note: transcript.add,
        nowMs: () => Date.now(),
        random: deps.random ?? Math.random,
        wait: pause,
      };
      transcript.add({
        kind: 'start',
        agent: agent.name,
        model: agent.model,
        version: open.version,
        loop: loopVersion,
        prompt: { id: assignment.prompt.id, sha256: assignment.prompt.sha256 },
      });
      return await run({ assignment, tell: redacted(tell, transcript), talk, room, open, transcript });
    } catch (error) {
      throw withSpend(error, meter, cancelled);
    } finally {
      stop.release();
      meter.close();
      await closeAll(closing.toReversed());
    }
  };

  return {
    ask: (assignment, tell, signal) => perform(assignment, tell, signal, (run) => ask(agent, run)),
    plan: (assignment, tell, signal) => perform(assignment, tell, signal, (run) => plan(agent, run)),
    work: (assignment, tell, signal) => perform(assignment, tell, signal, (run) => work(agent, run)),
  };
}

/** Closes everything, whatever one of them says; the first complaint is told at the end. */
async function closeAll(closing: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closing) await close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0] instanceof Error ? failures[0] : new Error(String(failures[0]));
}

async function ask(agent: AgentProfile, run: Run): ReturnType<Worker['ask']> {
  const { assignment, tell, talk, room, transcript } = run;
  const { end, lastText, modelId } = await runEditLoop(talk, {
    system: askInstructions,
    prompt: assignment.prompt.text,
    tools: toolsFor('plan'),
    room,
    tell,
    contextTokens: agent.limits.context_tokens,
    mustEdit: false,
    wordsEnd: true,
  });
  const answer = end?.kind === 'plan' ? end.plan : readObjectIn(transcript.redact(lastText));
  const spend = talk.meter.spend();
  if (answer !== null) return { answer, spend, worker: identity(agent, run, modelId) };
  throw new WorkFault<WorkerFaultCode>('PLAN_UNREADABLE', 'the model gave no answer that can be read', {
    mend: 'take a model that can answer in JSON, or another agent',
    spend,
  });
}

async function plan(agent: AgentProfile, run: Run): Promise<ProposedPlan> {
  const { assignment, tell, talk, room } = run;
  const { contextTokens } = run.open;
  const proposed = await proposePlan(talk, { assignment, room, tell, contextTokens });
  return { plan: proposed.plan, spend: talk.meter.spend(), worker: identity(agent, run, proposed.modelId) };
}

async function work(agent: AgentProfile, run: Run): Promise<Submission> {
  const { assignment, tell, talk, room, transcript } = run;
  const { end, lastText, modelId } = await runEditLoop(talk, {
    system: editInstructions,
    prompt: assignment.prompt.text,
    tools: toolsFor('work'),
    room,
    tell,
    contextTokens: run.open.contextTokens,
    mustEdit: assignment.startPatch === null,
  });
  const patch = await room.seal();
  const outcome: Submission['outcome'] =
    end === null || end.kind === 'plan' || end.kind === 'change' ? { kind: 'change' } : end;
  const isUnchanged = patch.length === 0 || Buffer.from(patch).equals(assignment.startPatch ?? Buffer.alloc(0));
  if (isUnchanged && outcome.kind === 'change') {
    throw new WorkFault<WorkerFaultCode>('NOTHING_EDITED', 'the model ended without having changed a file', {
      mend: 'say in the task which files are meant, or take another agent',
      spend: talk.meter.spend(),
    });
  }
  const calls = talk.meter.calls();
  if (calls.length > 0) transcript.add({ kind: 'calls', calls });
  return {
    patch,
    rationale: end?.kind === 'change' ? end.rationale : readAnswer(transcript.redact(lastText)).rationale,
    evidence: [],
    worker: identity(agent, run, modelId),
    spend: talk.meter.spend(),
    transcript: transcript.bytes(),
    outcome,
  };
}

function identity(agent: AgentProfile, run: Run, modelId: string): Submission['worker'] {
  return { agent: agent.name, version: `${run.open.version} ${loopVersion}`, model: modelId || (agent.model ?? '') };
}

/** One signal that fires when the task is cancelled or a bound is reached. */
function stopOf(meter: RunningMeter, cancelled: AbortSignal): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onCancel = (): void => controller.abort(new Error('cancelled'));
  if (cancelled.aborted) onCancel();
  cancelled.addEventListener('abort', onCancel, { once: true });
  meter.onReached((bound) => controller.abort(new Error(`the bound of ${bound} is reached`)));
  return { signal: controller.signal, release: () => cancelled.removeEventListener('abort', onCancel) };
}

/** Whatever went wrong carries what was spent; a room or model that broke because the run was stopped says that it was. */
function withSpend(error: unknown, meter: Meter, cancelled: AbortSignal): unknown {
  if (error instanceof WorkFault) return error;
  try {
    throwIfStopped({ cancelled, meter });
  } catch (stopped) {
    return stopped;
  }
  if (!isFault(error)) return error;
  return new WorkFault(error.code, error.message, { mend: error.mend, spend: meter.spend(), cause: error });
}

function redacted(tell: (news: WorkNews) => void, transcript: Transcript): (news: WorkNews) => void {
  return (news) => tell({ ...news, text: transcript.redact(news.text) });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
