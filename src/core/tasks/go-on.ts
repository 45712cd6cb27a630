import { isAbreast, nextDecision } from './routing.js';
import { explainReview } from './explain-event.js';
import { reachedBound } from './spend.js';
import type { Candidate, Reason, Task } from './task.js';
import type { TaskEventOf } from './task-event.js';

/** Faults in a row that one stage may have before the task fails; transient failures of one agent before the next is asked. */
export const maxFaults = 4;

/** Nobody pleaded: what helps, as long as the bounds hold. */
export function afterFailure(task: Task, { then, unretried, ...failure }: NonNullable<Candidate['failure']>): Task {
  const reason = unretried ?? failure.reason;
  if (then === 'ask-human') return { ...task, state: 'awaiting-amendment', reason };
  const bound = reachedBound(task.request.bounds, task.spend);
  if (bound !== null) return end(task, 'failed', boundReason(bound));
  const faults = task.faults + 1;
  if (then === 'retry' && faults < maxFaults) return { ...task, state: 'routed', faults };
  if (then === 'refine')
    return refine(task, reason) ?? escalate(task, reason, 'escalation') ?? end(task, 'rejected', reason);
  return escalate(task, reason, 'fallback') ?? end(task, 'failed', reason);
}

/** Why a task does not ask the same agent again, although that might help. */
export function retriesSpent({ message, mend }: Reason, { retries, tasks }: RetryCount): Reason {
  return {
    code: 'RETRIES_SPENT',
    message: `${message}; not asked again: ${retries} retries to ${tasks} tasks within the hour is all that the budget allows`,
    mend: `${mend}; ask again when that is mended`,
  };
}

interface RetryCount {
  readonly retries: number;
  readonly tasks: number;
}

/** PASS ends; FAIL is given back, then to the next agent; what only a person can lift waits for one. */
export function afterVerdict(task: Task): Task {
  const candidate = task.candidates[task.chosen ?? 0];
  const verdict = candidate?.verdict ?? null;
  if (candidate === undefined || verdict === null) return task;
  const { outcome, headline: message } = verdict;
  if (outcome === 'PASS') return { ...task, state: 'accepted', reason: null };
  const reason: Reason = { code: outcome, message, mend: mends[outcome] };
  const open = reachedBound(task.request.bounds, task.spend) === null;
  const again = open && verdict.mendable ? refine(giveBack(task, candidate), reason) : null;
  if (again !== null) return again;
  if (outcome === 'WAIVER_REQUIRED') return { ...task, state: 'awaiting-waiver', reason };
  return (open ? escalate(task, reason, 'escalation') : null) ?? end(task, 'rejected', reason);
}

const mends = {
  WAIVER_REQUIRED:
    'ask for the waiver with arbiter waiver request --task, and have an approver sign it: the task then goes on',
  FAIL: 'read the findings of the verdict; change the words, the spec or the agent, and ask again',
} as const;

/** Nobody can be asked: the end; where somebody has been, the task ends for what became of that. */
export function afterNobody(task: Task, reason: Reason): Task {
  const next = task.routing?.next ?? null;
  return next === null ? end(task, 'failed', reason) : end(task, next.end, task.reason ?? reason);
}

/** The rest of a cascade goes on with the step that the review found, or stops for what it found instead. */
export function afterReview(task: Task, review: TaskEventOf<'plan-reviewed'>): Task | null {
  const { routing, ladder, rung } = task;
  if (routing === undefined) return null;
  if (review.next !== null) {
    const next = ladder.indexOf(review.next, rung);
    return next < 0 ? null : { ...task, rung: next, routing: { ...routing, reviewed: next } };
  }
  const reason = cascadeStopped(task.reason, review);
  const isRefused = task.candidates.some(({ verdict }) => verdict !== null);
  // After a fault the router may know somebody else whom the task can afford.
  const again = isRefused ? null : nextDecision(routing, ladder, 'fallback');
  return again === null
    ? end(task, isRefused ? 'rejected' : 'failed', reason)
    : { ...task, state: 'planned', routing: again, reason };
}

function cascadeStopped(before: Reason | null, review: TaskEventOf<'plan-reviewed'>): Reason {
  const first = before === null ? '' : `${before.message}; `;
  const isShort = review.because === 'money';
  return {
    code: 'CASCADE_STOPPED',
    message: `${first}${explainReview(review)}`,
    mend: isShort
      ? `ask again with a wider --budget-usd, or name ${review.about} with --agent`
      : `read the findings of the verdict, or name ${review.about} with --agent to have it asked all the same`,
  };
}

function giveBack(task: Task, candidate: Candidate): Task {
  return { ...task, findings: candidate.verdict?.findings ?? null, start_patch: candidate.plea?.patch ?? null };
}

function refine(task: Task, reason: Reason): Task | null {
  if (task.round >= task.request.refinements) return null;
  return { ...task, state: 'refining', round: task.round + 1, reason };
}

/**
 * The next agent starts afresh: it inherits neither the change nor the findings of the one before. Where the ladder ends
 * and the router made it, the router is asked again.
 */
function escalate(task: Task, reason: Reason, cause: 'fallback' | 'escalation'): Task | null {
  const start = { findings: null, start_patch: null, round: 0, faults: 0, reason };
  if (!isAbreast(task.routing) && task.rung + 1 < task.ladder.length)
    return { ...task, ...start, state: 'escalating', rung: task.rung + 1 };
  const routing = nextDecision(task.routing, task.ladder, cause);
  return routing === null ? null : { ...task, ...start, state: 'planned', routing };
}

function end(task: Task, state: 'rejected' | 'failed', reason: Reason): Task {
  return { ...task, state, reason };
}

function boundReason(bound: string): Reason {
  return {
    code: 'BOUND_REACHED',
    message: `the task’s bound of ${bound} is reached`,
    mend: 'ask again with a wider bound (--budget-usd, --max-tokens, --max-turns, --max-minutes)',
  };
}
