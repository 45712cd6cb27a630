import type { Task } from '../../core/tasks/task.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { LogLine } from '../../ports/task-store.js';
import type { HeldCases } from './held-cases.js';

/** What a stage may use while it is at work on one task. */
export interface StageContext {
  /** Fires when the task is cancelled, its deadline passes, or this process has to stop. */
  readonly signal: AbortSignal;
  /** Told live, and kept in the task's log. */
  tell(kind: LogLine['kind'], text: string): void;
  /** What a stage leaves for the next one of the same leg; a stage that finds nothing there makes it anew. */
  readonly cases: HeldCases;
}

/**
 * What is done for a task, one verb a command of `decide`; each answers with what happened. May be done twice (a crash
 * between doing and recording), so each leaves nothing behind that a second time would double.
 */
export interface Stages {
  admit(task: Task, context: StageContext): Promise<TaskEvent>;
  decompose(task: Task, context: StageContext): Promise<TaskEvent>;
  route(task: Task, context: StageContext): Promise<TaskEvent>;
  /** Whether the next step of a cascade is still worth its price. */
  review(task: Task, context: StageContext): Promise<TaskEvent>;
  startWork(task: Task): TaskEvent;
  /** Tells its events one by one, so that a crash costs no finished part. */
  work(
    task: Task,
    candidate: number,
    happened: (event: TaskEvent) => Promise<Task>,
    context: StageContext,
  ): Promise<void>;
  examine(task: Task, candidate: number, context: StageContext): Promise<TaskEvent>;
  judge(task: Task, candidate: number, context: StageContext): Promise<TaskEvent>;
  record(task: Task, context: StageContext): Promise<TaskEvent>;
  /** Tells the router what its choices came to, once the task has ended or waits for a person. */
  learn(task: Task): Promise<void>;
}
