import type { Assignment, Worker, WorkNews } from '../../ports/worker.js';
import { type RunOutcome, handInAnswer, handInPlan, handInWork } from './hand-in.js';

/** What an agent program is run for once. */
export interface Question {
  readonly assignment: Assignment;
  readonly mode: 'plan' | 'work';
  readonly tell: (news: WorkNews) => void;
  readonly signal: AbortSignal;
}

/** Runs the agent for a question, and hands in what came of it while its room still stands. */
export type RunAgent = <T>(question: Question, handIn: (outcome: RunOutcome) => T | Promise<T>) => Promise<T>;

/** The worker of an agent that is run anew for each plan, each work and each question. */
export function createProgramWorker(run: RunAgent): Worker {
  return {
    ask: (assignment, tell, signal) => run({ assignment, mode: 'plan', tell, signal }, handInAnswer),
    plan: (assignment, tell, signal) =>
      run({ assignment, mode: 'plan', tell, signal }, (outcome) => handInPlan(outcome)),
    work: (assignment, tell, signal) => run({ assignment, mode: 'work', tell, signal }, handInWork),
  };
}
