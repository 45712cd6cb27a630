import { isFault } from '../../core/fault.js';
import { type Command, nextCommands, winnerOf } from '../../core/tasks/decide.js';
import { type Spend, nothingSpent } from '../../core/tasks/spend.js';
import { type Task, isEnded } from '../../core/tasks/task.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import { WorkFault } from '../../core/tasks/work-fault.js';
import type { Clock, Deadline } from '../../ports/clock.js';

/** A race as its driver sees it: the task as it stands, one command done, one event told. */
export interface Course {
  readonly task: () => Task;
  readonly doCommand: (command: Command, signal: AbortSignal) => Promise<void>;
  readonly happened: (event: TaskEvent) => Promise<unknown>;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'pause' | 'deadline'>;
  readonly signal: AbortSignal;
}

/** When the others were told to stop; null while nobody has passed. */
interface Won {
  atMs: number | null;
}

/**
 * Takes each candidate of a race its own way to its verdict, all at once. The first PASS stops the others where they are:
 * each is told with what it had cost until then. A hybrid's second candidate waits, until its hedge is over or the first
 * one is through without a PASS. A fault of one leaves the others running, and is thrown when all are done.
 * @throws the first fault that was not the end of a loser
 */
export async function runRace(course: Course): Promise<void> {
  const { task, clock, signal } = course;
  const runners = task().candidates.map(() => clock.deadline(null, signal));
  const hedge = clock.deadline(null, signal);
  const won: Won = { atMs: null };
  const run = async (runner: Deadline, index: number): Promise<void> => {
    try {
      if (index > 0) await waitForHedge(course, index, hedge, runner);
      await pursue(course, index, runner, won);
    } catch (error) {
      if (winnerOf(task()) === null || signal.aborted || isFault(error, 'TASK_MOVED_ON')) throw error;
      await stopCandidate(course, index, { won, spend: error instanceof WorkFault ? error.spend : nothingSpent });
    } finally {
      if (winnerOf(task()) !== null) callOff(course, runners, won);
      hedge.forget();
    }
  };
  const ends = await Promise.allSettled(runners.map(run));
  for (const { forget } of runners) forget();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Stops whoever still runs, once. */
function callOff({ clock }: Course, runners: readonly Deadline[], won: Won): void {
  if (won.atMs !== null) return;
  won.atMs = clock.monotonicMs();
  for (const { forget } of runners) forget();
}

/** One candidate, command after command, until it is through; a loser that is between two commands is stopped there. */
async function pursue(course: Course, index: number, runner: Deadline, won: Won): Promise<void> {
  for (;;) {
    const now = course.task();
    if (isEnded(now.state)) return;
    const command = nextCommands(now).find((one) => 'candidate' in one && one.candidate === index);
    if (command === undefined || now.state !== 'working') return;
    runner.signal.throwIfAborted();
    if (command.do === 'cancel') return stopCandidate(course, index, { won, spend: nothingSpent });
    await course.doCommand(command, runner.signal);
  }
}

async function waitForHedge(course: Course, index: number, hedge: Deadline, runner: Deadline): Promise<void> {
  const { clock, task } = course;
  const now = task();
  const plan = now.routing?.plan;
  const candidate = now.candidates[index];
  if (plan?.kind !== 'hybrid' || winnerOf(now) !== null || candidate?.plan !== null || candidate.plea !== null) return;
  const [first] = now.candidates;
  if (first !== undefined && (first.failure !== null || first.verdict !== null)) return;
  await clock.pause(plan.hedge_ms, hedge.signal);
  runner.signal.throwIfAborted();
}

async function stopCandidate(
  { task, clock, happened }: Course,
  candidate: number,
  { won, spend }: { readonly won: Won; readonly spend: Spend },
): Promise<void> {
  const after_ms = won.atMs === null ? 0 : Math.max(0, clock.monotonicMs() - won.atMs);
  const winner = winnerOf(task()) ?? candidate;
  await happened({ type: 'candidate-cancelled', at_ms: clock.nowMs(), candidate, winner, after_ms, spend });
}
