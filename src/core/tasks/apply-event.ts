import { chooseCandidate } from './choose-candidate.js';
import { afterFailure, afterNobody, afterReview, afterVerdict, maxFaults, retriesSpent } from './go-on.js';
import { isRace } from './routing.js';
import { addSpend } from './spend.js';
import { type Candidate, type Reason, type Task, type TaskState, isEnded } from './task.js';
import type { TaskEvent, TaskEventOf } from './task-event.js';

type Appliers = { readonly [Type in TaskEvent['type']]: (task: Task, event: TaskEventOf<Type>) => Task | null };

/** A null says: the event does not fit where the task stands, and changes nothing. */
const appliers: Appliers = {
  'task-submitted': () => null,
  'task-admitted': (task, event) =>
    when(task, ['submitted'], { state: 'admitted', base: event.base, spec_id: event.spec_id, faults: 0 }),
  'admission-refused': (task, event) => when(task, ['submitted'], { state: 'rejected', reason: event.reason }),
  'task-planned': (task, event) =>
    when(task, ['admitted'], {
      state: 'planned',
      chunks: [...event.chunks],
      spend: addSpend(task.spend, event.spend),
      faults: 0,
    }),
  'worker-chosen': (task, event) =>
    when(task, ['planned'], {
      state: 'routed',
      ladder: [...event.ladder],
      rung: 0,
      round: 0,
      faults: 0,
      ...routedBy(task, event),
    }),
  'plan-reviewed': (task, event) => (task.state === 'escalating' ? afterReview(task, event) : null),
  'no-worker-found': (task, event) => (task.state === 'planned' ? afterNobody(task, event.reason) : null),
  'work-started': (task, event) =>
    when(task, ['routed', 'refining', 'escalating'], {
      state: 'working',
      attempt: task.attempt + 1,
      candidates: event.agents.map((agent) => newCandidate(agent, task, event.resumes === true)),
      chosen: null,
      verdict: null,
    }),
  'plan-proposed': (task, event) => updateCandidate(spent(task, event), event.candidate, { plan: event.plan }),
  'plan-refused': (task, event) =>
    settle(
      updateCandidate({ ...spent(task, event), findings: event.findings }, event.candidate, {
        failure: {
          reason: {
            code: 'PLAN_REFUSED',
            message: `the plan of edit was refused: ${event.headline}`,
            mend: 'plan again inside the spec, or have a human amend it',
          },
          then: 'refine',
        },
      }),
    ),
  'chunk-finished': (task, event) => {
    const done = task.candidates[event.candidate]?.chunks ?? [];
    if (done.some((chunk) => chunk.id === event.chunk)) return null;
    const chunks = [...done, { id: event.chunk, patch: event.patch, plea: event.plea }];
    return updateCandidate(spent(task, event), event.candidate, { chunks });
  },
  'plea-submitted': (task, event) =>
    settle(updateCandidate(spent(task, event), event.candidate, { plea: { sha256: event.plea, patch: event.patch } })),
  'work-failed': (task, event) =>
    settle(updateCandidate(spent(task, event), event.candidate, { failure: failureOf(event) })),
  'candidate-cancelled': (task, event) => {
    const reason = {
      code: 'RACE_LOST',
      message: `candidate ${event.winner} passed first`,
      mend: 'nothing is to be mended: a race is for one winner',
    };
    const failure: Candidate['failure'] = { reason, then: 'escalate' };
    return settle(updateRunner(spent(task, event), event.candidate, { failure })) ?? spent(task, event);
  },
  'infeasibility-pleaded': (task, event) =>
    askHuman(task, event, {
      code: 'PLEADED_INFEASIBLE',
      message: `the worker pleads that ${event.clause} cannot be met: ${event.evidence}`,
      mend: 'review the spec; when it is amended at the base run arbiter task resume, else arbiter task cancel',
    }),
  'amendment-requested': (task, event) =>
    askHuman(task, event, {
      code: 'AMENDMENT_REQUESTED',
      message: `the worker asks for a wider scope (${event.paths.join(', ')}): ${event.why}`,
      mend: 'amend scope.in of the spec at the base and run arbiter task resume, else arbiter task cancel',
    }),
  'plea-examined': (task, event) => {
    if (isRunning(task)) return updateRunner(task, event.candidate, { examined: event.result });
    if (task.state !== 'pleaded') return null;
    const next = updatePleaded(task, event.candidate, { examined: event.result });
    return next !== null && pleading(next).every((candidate) => candidate.examined !== null)
      ? { ...next, state: 'examined', faults: 0 }
      : next;
  },
  'deliberation-started': (task) => when(task, ['examined'], { state: 'deliberating' }),
  'verdict-reached': (task, event) => {
    const { verdict_id: id, outcome, sha256, findings, headline, mendable, cost } = event;
    const verdict = { id, outcome, sha256, findings, headline, mendable, cost };
    if (isRunning(task)) return settle(updateRunner(task, event.candidate, { verdict }));
    if (task.state !== 'deliberating') return null;
    const next = updatePleaded(task, event.candidate, { verdict });
    return next !== null && pleading(next).every((candidate) => candidate.verdict !== null) ? choose(next) : next;
  },
  'verdict-recorded': (task, event) =>
    task.state === 'verdict' ? afterVerdict({ ...task, files: event.files, kept: event.kept, faults: 0 }) : null,
  'human-answered': (task, event) => {
    if (task.state === 'awaiting-waiver') return judgeAgain(task, event.base);
    // What the router has tried was tried on another spec.
    const { routing: _, ...unrouted } = task;
    return when(unrouted, ['awaiting-amendment'], {
      state: 'submitted',
      base: event.base,
      chunks: [],
      ladder: [],
      rung: 0,
      round: 0,
      candidates: [],
      findings: null,
      start_patch: null,
      reason: null,
    });
  },
  'task-taken-over': (task) => task,
  'fault-raised': (task, event) => {
    const faults = task.faults + 1;
    return event.again && faults < maxFaults
      ? { ...task, faults }
      : { ...task, faults, state: 'failed', reason: event.reason };
  },
  'deadline-passed': (task) => ({
    ...task,
    state: 'failed',
    reason: {
      code: 'DEADLINE_PASSED',
      message: 'the deadline passed before a verdict',
      mend: 'ask again with a later --deadline',
    },
  }),
  'task-cancelled': (task, event) => ({
    ...task,
    state: 'cancelled',
    reason: { code: 'CANCELLED', message: `cancelled by ${event.by}`, mend: 'ask again when it is wanted' },
  }),
};

/**
 * The task after an event. Total: an event that does not fit where the task stands changes nothing, and ends absorb.
 */
export function applyEvent(task: Task, event: TaskEvent): Task {
  if (isEnded(task.state)) return task;
  // Each applier takes the event of its own key.
  const apply = appliers[event.type] as (task: Task, event: TaskEvent) => Task | null;
  const next = apply(task, event);
  return next === null ? task : { ...next, updated_ms: Math.max(task.updated_ms, event.at_ms) };
}

function when(task: Task, states: readonly TaskState[], change: Partial<Task>): Task | null {
  return states.includes(task.state) ? { ...task, ...change } : null;
}

/** A refined candidate goes on under the plan that was admitted. */
function newCandidate(agent: string, task: Task, resumes: boolean): Candidate {
  const { state, candidates, start_patch: patch } = task;
  const begun = resumes ? resumable(task) : null;
  const refined =
    state === 'refining' && patch !== null ? candidates.find((candidate) => candidate.agent === agent) : null;
  const plan = (begun ?? refined)?.plan ?? null;
  return { agent, chunks: begun?.chunks ?? [], plan, plea: null, failure: null, examined: null, verdict: null };
}

/**
 * The candidate whose finished parts the next agent takes over: its only one, which failed in the middle of its work.
 * What was refused is never taken over: the parts were measured, and are judged with the rest.
 */
export function resumable(task: Task): Candidate | null {
  const [candidate, ...others] = task.candidates;
  if (candidate === undefined || others.length > 0 || candidate.plea !== null) return null;
  const then = candidate.failure?.then;
  return candidate.chunks.length > 0 && (then === 'retry' || then === 'escalate') ? candidate : null;
}

function routedBy({ routing }: Task, { routed, ladder }: TaskEventOf<'worker-chosen'>): Pick<Task, 'routing'> {
  if (routed === undefined) return {};
  const { decision, plan } = routed;
  const tried = [...new Set([...(routing?.tried ?? []), ...ladder])];
  return { routing: { decision, plan, decisions: (routing?.decisions ?? 0) + 1, tried, next: null } };
}

/** Whether candidates go their own way right now, each to its verdict. */
function isRunning(task: Task): boolean {
  return task.state === 'working' && isRace(task.routing);
}

/** A candidate of a race that is not through: in any state of its own. */
function updateRunner(task: Task, index: number, change: Partial<Candidate>): Task | null {
  const candidate = task.candidates[index];
  if (!isRunning(task) || candidate === undefined || isThrough(candidate)) return null;
  return { ...task, candidates: task.candidates.with(index, { ...candidate, ...change }) };
}

function isThrough(candidate: Candidate): boolean {
  return candidate.verdict !== null || candidate.failure !== null;
}

/** What was spent is owed also when the event itself comes too late to count. */
function spent<T extends Task>(task: T, event: { readonly spend: Task['spend'] }): T {
  return { ...task, spend: addSpend(task.spend, event.spend) };
}

function updateCandidate(task: Task, index: number, change: Partial<Candidate>): Task | null {
  const candidate = task.candidates[index];
  if (task.state !== 'working' || candidate === undefined || isSettled(candidate)) return null;
  return { ...task, candidates: task.candidates.with(index, { ...candidate, ...change }) };
}

function updatePleaded(task: Task, index: number, change: Partial<Candidate>): Task | null {
  const candidate = task.candidates[index];
  if (candidate === undefined || candidate.plea === null) return null;
  return { ...task, candidates: task.candidates.with(index, { ...candidate, ...change }) };
}

function failureOf({ reason, then, rests_until_ms, unretried }: TaskEventOf<'work-failed'>): Candidate['failure'] {
  return {
    reason,
    then,
    ...(rests_until_ms === undefined ? {} : { rests_until_ms }),
    ...(unretried === undefined ? {} : { unretried: retriesSpent(reason, unretried) }),
  };
}

function isSettled(candidate: Candidate): boolean {
  return candidate.plea !== null || candidate.failure !== null;
}

function pleading(task: Task): readonly Candidate[] {
  return task.candidates.filter((candidate) => candidate.plea !== null);
}

/** Once every candidate has pleaded or failed, the attempt is over. */
function settle(task: Task | null): Task | null {
  if (task === null || !task.candidates.every(isRunning(task) ? isThrough : isSettled)) return task;
  if (isRunning(task) && task.candidates.some(({ verdict }) => verdict !== null)) return choose({ ...task, faults: 0 });
  if (pleading(task).length > 0) return { ...task, state: 'pleaded', faults: 0 };
  const failure = task.candidates.map((candidate) => candidate.failure).findLast((found) => found !== null);
  return failure === undefined || failure === null ? task : afterFailure(task, failure);
}

function askHuman(
  task: Task,
  event: { readonly candidate: number; readonly spend: Task['spend'] },
  reason: Reason,
): Task | null {
  return settle(updateCandidate(spent(task, event), event.candidate, { failure: { reason, then: 'ask-human' } }));
}

function choose(task: Task): Task {
  const chosen = chooseCandidate(task.candidates);
  const verdict = chosen === null ? null : (task.candidates[chosen]?.verdict ?? null);
  if (verdict === null) return task;
  const { id, outcome, sha256 } = verdict;
  return { ...task, state: 'verdict', chosen, verdict: { id, outcome, sha256 } };
}

/** A human has answered: the candidate that waited is judged again, on the base that holds the answer. */
function judgeAgain(task: Task, base: string): Task {
  const candidate = task.candidates[task.chosen ?? 0];
  if (candidate === undefined) return task;
  return {
    ...task,
    state: 'pleaded',
    base,
    candidates: [{ ...candidate, examined: null, verdict: null }],
    chosen: null,
    verdict: null,
    reason: null,
  };
}
