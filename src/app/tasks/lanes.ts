import { digestText } from '../../core/digest.js';
import type { AgentProfile } from '../../core/registry/agent-profile.js';
import type { QueueName, StartOptions } from '../../ports/engine.js';

/** Where a leg of a task waits its turn. */
export interface Place {
  readonly queue: QueueName;
  readonly lane?: string;
}

/** An agent that may do n things at a time has n lanes; a task always takes the same one. */
export function laneOf(agent: AgentProfile, taskId: string): string {
  const spread = Number.parseInt(digestText(taskId).slice(0, 8), 16);
  return `${agent.name}#${spread % agent.limits.concurrency}`;
}

/** A leg of a task, by where the story stands when it is asked for: asking twice is asking once. */
function legId(taskId: string, seq: number, again = ''): string {
  return `leg/${taskId}/${seq}${again}`;
}

/** Prefix of every leg of a task. */
export function legPrefix(taskId: string): string {
  return `leg/${taskId}/`;
}

/** Whether one leg of a task was asked for after another: later in the story, or again at the same place. */
export function isLaterLeg(id: string, than: string): boolean {
  const [seq, again] = placesOf(id);
  const [otherSeq, otherAgain] = placesOf(than);
  return seq > otherSeq || (seq === otherSeq && again > otherAgain);
}

/** What tells a leg from the one that asks for it at the same place of the story; the same whenever that one is run again. */
export function nextTurn(id: string): string {
  return `-${placesOf(id)[1] + 1}`;
}

function placesOf(id: string): readonly [number, number] {
  const [seq = '0', again = '0'] = id.slice(id.lastIndexOf('/') + 1).split('-');
  return [Number(seq), Number(again)];
}

/** The name under which legs are registered with the engine. */
export const legWorkflow = 'drive-task';

/** Options of a leg. */
export function legOptions(
  taskId: string,
  seq: number,
  place: Place,
  more: { readonly priority: number; readonly delayMs?: number; readonly again?: string },
): StartOptions {
  return {
    id: legId(taskId, seq, more.again),
    queue: place.queue,
    ...(place.lane === undefined ? {} : { lane: place.lane }),
    priority: more.priority,
    ...(more.delayMs === undefined ? {} : { delayMs: more.delayMs }),
  };
}
