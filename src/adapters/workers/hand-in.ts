import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../../core/fault.js';
import { WorkFault } from '../../core/tasks/work-fault.js';
import type {
  Assignment,
  ProposedPlan,
  Submission,
  Worker,
  WorkerFaultCode,
  WorkerIdentity,
} from '../../ports/worker.js';
import type { AgentRoom, EnterRoom, Visit } from './agent-room.js';
import { cleanText } from './clean-text.js';
import type { Logbook } from './logbook.js';
import { readAnswer, readObjectIn, readPlan } from './read-answer.js';

const settleMs = 50;

/** How a run ended that went well as far as the program is concerned. */
export interface RunOutcome {
  readonly room: AgentRoom;
  readonly assignment: Assignment;
  readonly logbook: Logbook;
  readonly worker: WorkerIdentity;
}

/**
 * Opens a room, runs in it and closes it whatever comes. @throws what `run` and `enterRoom` throw
 */
export async function visitRoom<T>(
  enterRoom: EnterRoom,
  visit: Visit,
  run: (room: AgentRoom) => Promise<T>,
): Promise<T> {
  const room = await enterRoom(visit);
  try {
    return await run(room);
  } finally {
    await room.close();
  }
}

/**
 * The submission of a run: the patch as the Arbiter measures it, never as the agent reports it.
 * @throws NOTHING_EDITED, ENDPOINT_BUSY, ENDPOINT_DOWN, AGENT_REFUSED_KEY, CLONE_LOST, WORK_UNMEASURABLE
 */
export async function handInWork({ room, assignment, logbook, worker }: RunOutcome): Promise<Submission> {
  logbook.flush();
  const { isStated, ...answer } = readAnswer(cleanWords(room, logbook.said()), cleanWords(room, logbook.lastWords()));
  const cutShort = isStated ? null : room.whyStopped();
  if (cutShort !== null && endsWork(cutShort.code)) throw cutShort;
  const patch = await room.seal();
  const spend = room.meter.spend();
  if (answer.outcome.kind === 'change' && isUnchanged(patch, assignment.startPatch)) {
    throw (
      room.whyStopped() ??
      new WorkFault<WorkerFaultCode>(
        'NOTHING_EDITED',
        `${worker.agent} ended without an edit: ${brief(room, logbook)}`,
        {
          mend: 'say more exactly what is to be done, or ask another agent',
          spend,
        },
      )
    );
  }
  return { patch, ...answer, worker, spend, transcript: logbook.transcript() };
}

/** The plan that was proposed. @throws PLAN_UNREADABLE, ENDPOINT_BUSY, ENDPOINT_DOWN, AGENT_REFUSED_KEY */
export function handInPlan({ room, assignment, logbook, worker }: RunOutcome): ProposedPlan {
  logbook.flush();
  const plan = readPlan(cleanWords(room, logbook.said()), assignment.spec.id);
  const spend = room.meter.spend();
  if (plan !== null) return { plan, spend, worker };
  throw (
    room.whyStopped() ??
    new WorkFault<WorkerFaultCode>(
      'PLAN_UNREADABLE',
      `${worker.agent} gave no plan that can be read: ${brief(room, logbook)}`,
      {
        mend: 'ask again, or ask another agent',
        spend,
      },
    )
  );
}

/** The answer to a question: the last JSON block. @throws PLAN_UNREADABLE, ENDPOINT_BUSY, ENDPOINT_DOWN, AGENT_REFUSED_KEY */
export function handInAnswer({ room, logbook, worker }: RunOutcome): Awaited<ReturnType<Worker['ask']>> {
  logbook.flush();
  const answer = readObjectIn(cleanWords(room, logbook.said()));
  const spend = room.meter.spend();
  if (answer !== null) return { answer, spend, worker };
  throw (
    room.whyStopped() ??
    new WorkFault<WorkerFaultCode>(
      'PLAN_UNREADABLE',
      `${worker.agent} gave no answer that can be read: ${brief(room, logbook)}`,
      { mend: 'ask again, or ask another agent', spend },
    )
  );
}

/**
 * Waits until the relay has heard that the program is dead, so that a call it did not wait for is counted too.
 */
export async function settleCalls(): Promise<void> {
  await pause(settleMs);
}

/** A fault of an agent's run: what the room knows of it when it knows something, else the given message. */
export function faultOfRun(room: AgentRoom, message: string, mend: string, cause?: unknown): Fault {
  return (
    room.whyStopped() ??
    new WorkFault<WorkerFaultCode>('AGENT_FAILED', message, { mend, spend: room.meter.spend(), cause })
  );
}

/**
 * What a room knows that ends the work of an agent which itself says all is well, but not in the form of an answer: half a
 * change must not pass for a whole one.
 */
function endsWork(code: WorkerFaultCode): boolean {
  return ['BOUND_REACHED', 'ENDPOINT_BUSY', 'ENDPOINT_DOWN', 'AGENT_REFUSED_KEY', 'AGENT_CANCELLED'].includes(code);
}

function cleanWords(room: AgentRoom, text: string): string {
  return cleanText(text, { secrets: [room.token], cap: 1_200_000, keep: 'end' });
}

function brief(room: AgentRoom, logbook: Logbook): string {
  const words = cleanWords(room, logbook.lastWords()).replaceAll(/\s+/g, ' ').trim();
  return words === '' ? 'it said nothing' : `it said "${words.slice(0, 200)}"`;
}

/** Nothing was added to what was there when the agent began. */
function isUnchanged(patch: Uint8Array, startPatch: Uint8Array | null): boolean {
  return patch.length === 0 || (startPatch !== null && Buffer.compare(patch, startPatch) === 0);
}
