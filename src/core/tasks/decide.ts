import { applyEvent } from './apply-event.js';
import { isRace, isUnreviewed } from './routing.js';
import { isEnded, type Task, type TaskState, waitingStates } from './task.js';
import type { TaskEvent } from './task-event.js';

/** What is to be done next for a task; `rest` waits for a human and holds nothing, `end` is for good. */
export type Command =
  | {
      readonly do:
        | 'admit'
        | 'decompose'
        | 'route'
        | 'review'
        | 'start-work'
        | 'start-deliberation'
        | 'record'
        | 'rest'
        | 'end';
    }
  | { readonly do: 'work' | 'examine' | 'judge' | 'cancel'; readonly candidate: number };

/**
 * The task after an event and what is to be done next. Total and deterministic: replaying the events of a task gives
 * the same task and the same commands, an event that does not fit changes nothing, and ends absorb.
 * @see design engine.md, Tasks
 */
export function decide(task: Task, event: TaskEvent): { readonly task: Task; readonly commands: readonly Command[] } {
  const next = applyEvent(task, event);
  return { task: next, commands: nextCommands(next) };
}

const oneStep: Readonly<Partial<Record<TaskState, Exclude<Command, { candidate: number }>['do']>>> = {
  submitted: 'admit',
  admitted: 'decompose',
  planned: 'route',
  routed: 'start-work',
  refining: 'start-work',
  escalating: 'start-work',
  examined: 'start-deliberation',
  verdict: 'record',
};

/** What is to be done where the task stands; never empty. Candidates' commands may be done side by side. */
export function nextCommands(task: Task): readonly Command[] {
  if (isEnded(task.state)) return [{ do: 'end' }];
  if (waitingStates.includes(task.state)) return [{ do: 'rest' }];
  if (task.state === 'escalating' && isUnreviewed(task.routing, task.rung)) return [{ do: 'review' }];
  const step = oneStep[task.state];
  if (step !== undefined) return [{ do: step }];
  if (task.state === 'working' && isRace(task.routing)) return raceCommands(task);
  return task.candidates.flatMap((candidate, index): Command[] => {
    if (task.state === 'working')
      return candidate.plea === null && candidate.failure === null ? [{ do: 'work', candidate: index }] : [];
    if (candidate.plea === null) return [];
    if (task.state === 'pleaded') return candidate.examined === null ? [{ do: 'examine', candidate: index }] : [];
    return candidate.verdict === null ? [{ do: 'judge', candidate: index }] : [];
  });
}

/** Index of the candidate of a race that has passed first; null while none has. */
export function winnerOf(task: Task): number | null {
  const index = task.candidates.findIndex(({ verdict }) => verdict?.outcome === 'PASS');
  return index < 0 ? null : index;
}

/** Each candidate that is not through goes its own way; once one has passed the others are to be stopped. */
function raceCommands(task: Task): readonly Command[] {
  const isWon = winnerOf(task) !== null;
  return task.candidates.flatMap(({ plea, failure, examined, verdict }, candidate): Command[] => {
    if (failure !== null || verdict !== null) return [];
    if (isWon) return [{ do: 'cancel', candidate }];
    if (plea === null) return [{ do: 'work', candidate }];
    return [{ do: examined === null ? 'examine' : 'judge', candidate }];
  });
}
