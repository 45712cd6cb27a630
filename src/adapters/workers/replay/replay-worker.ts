import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../../core/fault.js';
import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import {
  type RecordedAttempt,
  type RecordedPatch,
  type Recording,
  chooseEntry,
  readRecording,
} from '../../../core/tasks/recording.js';
import { type Bounds, type BoundKind, type Spend, nothingSpent, reachedBound } from '../../../core/tasks/spend.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type {
  Assignment,
  Submission,
  WorkNews,
  Worker,
  WorkerFaultCode,
  WorkerIdentity,
} from '../../../ports/worker.js';
import { planOfPatch } from './plan-of-patch.js';

const largestRecording = 64 << 20;

/**
 * A worker that does again what was recorded: the same assignment gives the same submission, to the byte. No clone is
 * made; whether the patch applies is for the examination to find out.
 * @throws RECORDING_INVALID
 */
export async function createReplayWorker(agent: AgentProfile): Promise<Worker> {
  const recording = await loadRecording(agent);
  const worker: WorkerIdentity = { agent: agent.name, version: `replay of ${recording.agent}`, model: recording.model };
  return {
    async ask(assignment, tell, signal) {
      const entry = chooseEntry(recording, assignment.attempt, assignment.candidate);
      await perform({ ...entry, news: [], delay_ms: 0, spend: entry.plan_spend }, 'plan', assignment, tell, signal);
      if (entry.answer !== undefined) return { answer: entry.answer, spend: entry.plan_spend, worker };
      throw new WorkFault<WorkerFaultCode>('PLAN_UNREADABLE', 'the recording holds no answer to a question', {
        mend: 'record an agent that answers, or name another planner in .caws/arbiter.yaml',
        spend: entry.plan_spend,
      });
    },
    async plan(assignment, tell, signal) {
      const entry = chooseEntry(recording, assignment.attempt, assignment.candidate);
      await perform({ ...entry, news: [], delay_ms: 0, spend: entry.plan_spend }, 'plan', assignment, tell, signal);
      const plan = entry.plan ?? planOfPatch(patchOf(entry, assignment));
      return { plan: { ...plan, spec_id: plan.spec_id ?? assignment.spec.id }, spend: entry.plan_spend, worker };
    },
    async work(assignment, tell, signal): Promise<Submission> {
      const entry = chooseEntry(recording, assignment.attempt, assignment.candidate);
      await perform(entry, 'work', assignment, tell, signal);
      const patch = patchOf(entry, assignment);
      if (patch.length === 0 && entry.outcome.kind === 'change') throw nothingEdited(entry.spend);
      const lines = entry.news.map((news) => JSON.stringify(news));
      return {
        patch,
        rationale: entry.rationale,
        evidence: entry.evidence,
        worker,
        spend: entry.spend,
        transcript: Buffer.from(lines.map((line) => `${line}\n`).join('')),
        outcome: entry.outcome,
      };
    },
  };
}

async function loadRecording(agent: AgentProfile): Promise<Recording> {
  const file = agent.file;
  if (file === null) throw unreadable(`agent '${agent.name}' names no recording`);
  try {
    const { size } = await stat(file);
    if (size > largestRecording) throw unreadable(`${file} is larger than ${largestRecording} bytes`);
    return readRecording(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw unreadable(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

function unreadable(message: string, cause?: unknown): Fault<WorkerFaultCode> {
  return new Fault<WorkerFaultCode>('RECORDING_INVALID', message, {
    mend: 'give the path of a recording: arbiter agents add NAME --kind replay --file <path>',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Tells the news over the time that the work took, and ends as it was recorded, unless it is stopped or bounded. */
async function perform(
  entry: RecordedAttempt,
  stage: 'plan' | 'work',
  assignment: Assignment,
  tell: (news: WorkNews) => void,
  signal: AbortSignal,
): Promise<void> {
  const { bounds } = assignment;
  const before = reachedBound(bounds, nothingSpent);
  if (before !== null) throw boundReached(before, nothingSpent);
  const takesMs = Math.min(entry.delay_ms, bounds.wall_ms);
  const pauseMs = takesMs / (entry.news.length + 1);
  for (const news of entry.news) {
    await pause(pauseMs, signal);
    tell(news);
  }
  await pause(pauseMs, signal);
  if (entry.delay_ms > bounds.wall_ms) throw boundReached('time', { ...entry.spend, wall_ms: bounds.wall_ms });
  const over = exceededBound(bounds, entry.spend);
  if (over !== null) throw boundReached(over, entry.spend);
  tell({ kind: 'spend', text: `${entry.spend.micro_usd / 1_000_000} USD`, spend: entry.spend });
  if (entry.fails !== undefined && entry.fails.at === stage) throw failureOf(entry.fails, entry.spend);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    signal.throwIfAborted();
    if (ms > 0) await sleep(ms, undefined, { signal });
  } catch (error) {
    throw new WorkFault<WorkerFaultCode>('AGENT_CANCELLED', 'the replay was cancelled', {
      mend: 'resume the task to go on',
      spend: nothingSpent,
      cause: error,
    });
  }
}

/** A recorded run that spent exactly its bound had ended by then; one that spent more is stopped. */
function exceededBound(bounds: Bounds, spend: Spend): BoundKind | null {
  const one = (bound: number | null): number | null => (bound === null ? null : bound + 1);
  return reachedBound(
    {
      micro_usd: one(bounds.micro_usd),
      tokens: one(bounds.tokens),
      turns: one(bounds.turns),
      wall_ms: bounds.wall_ms + 1,
    },
    spend,
  );
}

function boundReached(bound: BoundKind, spend: Spend): WorkFault<WorkerFaultCode> {
  return new WorkFault<WorkerFaultCode>('BOUND_REACHED', `the task's bound of ${bound} is reached`, {
    mend: `give the task a wider bound of ${bound}, or a smaller piece of work`,
    spend,
  });
}

function failureOf(fails: NonNullable<RecordedAttempt['fails']>, spend: Spend): WorkFault<WorkerFaultCode> {
  return new WorkFault<WorkerFaultCode>(fails.code, fails.message, {
    mend: fails.again ? 'ask again' : 'this is how the recorded attempt ended: record another',
    spend,
    retryAfterMs: fails.again ? 0 : null,
    answer: fails.answer ?? null,
  });
}

function nothingEdited(spend: Spend): WorkFault<WorkerFaultCode> {
  return new WorkFault<WorkerFaultCode>('NOTHING_EDITED', 'the recorded attempt has an empty patch', {
    mend: 'record an attempt that edits something, or say that the spec is infeasible',
    spend,
  });
}

/** The part's own patch where it was recorded, else the whole. */
function patchOf(entry: RecordedAttempt, assignment: Assignment): Uint8Array {
  const chunk = assignment.chunk === null ? undefined : entry.chunks[assignment.chunk];
  return bytesOf(chunk ?? entry.patch);
}

function bytesOf(patch: RecordedPatch): Uint8Array {
  return typeof patch === 'string' ? Buffer.from(patch) : Buffer.from(patch.base64, 'base64');
}
