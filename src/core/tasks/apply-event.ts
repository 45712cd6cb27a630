import { chooseCandidate } from './choose-candidate.js';
import { addSpend, reachedBound } from './spend.js';
import { type Candidate, type Reason, type Task, type TaskState, isEnded } from './task.js';
import type { TaskEvent, TaskEventOf } from './task-event.js';

/** Faults in a row that one stage may have before the task fails; transient failures of one agent before the next is asked. */
export const maxFaults = 4;

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
    when(task, ['planned'], { state: 'routed', ladder: [...event.ladder], rung: 0, round: 0, faults: 0 }),
  'no-worker-found': (task, event) => when(task, ['planned'], { state: 'failed', reason: event.reason }),
  'work-started': (task, event) =>
    when(task, ['routed', 'refining', 'escalating'], {
      state: 'working',
      attempt: task.attempt + 1,
      candidates: event.agents.map((agent) => newCandidate(agent, task)),
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
    settle(
      updateCandidate(spent(task, event), event.candidate, { failure: { reason: event.reason, then: event.then } }),
    ),
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
    if (task.state !== 'pleaded') return null;
    const next = updatePleaded(task, event.candidate, { examined: event.result });
    return next !== null && pleading(next).every((candidate) => candidate.examined !== null)
      ? { ...next, state: 'examined', faults: 0 }
      : next;
  },
  'deliberation-started': (task) => when(task, ['examined'], { state: 'deliberating' }),
  'verdict-reached': (task, event) => {
    if (task.state !== 'deliberating') return null;
    const { verdict_id: id, outcome, sha256, findings, headline, mendable, cost } = event;
    const verdict = { id, outcome, sha256, findings, headline, mendable, cost };
    const next = updatePleaded(task, event.candidate, { verdict });
    return next !== null && pleading(next).every((candidate) => candidate.verdict !== null) ? choose(next) : next;
  },
  'verdict-recorded': (task, event) =>
    task.state === 'verdict' ? afterVerdict({ ...task, files: event.files, kept: event.kept, faults: 0 }) : null,
  'human-answered': (task, event) => {
    if (task.state === 'awaiting-waiver') return judgeAgain(task, event.base);
    return when(task, ['awaiting-amendment'], {
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
function newCandidate(agent: string, { state, candidates, start_patch: patch }: Task): Candidate {
  const before =
    state === 'refining' && patch !== null ? candidates.find((candidate) => candidate.agent === agent) : null;
  return { agent, chunks: [], plan: before?.plan ?? null, plea: null, failure: null, examined: null, verdict: null };
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

function isSettled(candidate: Candidate): boolean {
  return candidate.plea !== null || candidate.failure !== null;
}

function pleading(task: Task): readonly Candidate[] {
  return task.candidates.filter((candidate) => candidate.plea !== null);
}

/** Once every candidate has pleaded or failed, the attempt is over. */
function settle(task: Task | null): Task | null {
  if (task === null || !task.candidates.every(isSettled)) return task;
  if (pleading(task).length > 0) return { ...task, state: 'pleaded', faults: 0 };
  const failure = task.candidates.map((candidate) => candidate.failure).findLast((found) => found !== null);
  return failure === undefined || failure === null ? task : afterFailure(task, failure);
}

/** Nobody pleaded: what helps, as long as the bounds hold. */
function afterFailure(task: Task, { reason, then }: NonNullable<Candidate['failure']>): Task {
  if (then === 'ask-human') return { ...task, state: 'awaiting-amendment', reason };
  const bound = reachedBound(task.request.bounds, task.spend);
  if (bound !== null) return end(task, 'failed', boundReason(bound));
  const faults = task.faults + 1;
  if (then === 'retry' && faults < maxFaults) return { ...task, state: 'routed', faults };
  if (then === 'refine') return refine(task, reason) ?? escalate(task, reason) ?? end(task, 'rejected', reason);
  return escalate(task, reason) ?? end(task, 'failed', reason);
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

/** PASS ends; FAIL is given back, then to the next agent; what only a person can lift waits for one. */
function afterVerdict(task: Task): Task {
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
  return (open ? escalate(task, reason) : null) ?? end(task, 'rejected', reason);
}

const mends = {
  WAIVER_REQUIRED:
    'ask for the waiver with arbiter waiver request --task, and have an approver sign it: the task then goes on',
  FAIL: 'read the findings of the verdict; change the words, the spec or the agent, and ask again',
} as const;

function giveBack(task: Task, candidate: Candidate): Task {
  return { ...task, findings: candidate.verdict?.findings ?? null, start_patch: candidate.plea?.patch ?? null };
}

function refine(task: Task, reason: Reason): Task | null {
  if (task.round >= task.request.refinements) return null;
  return { ...task, state: 'refining', round: task.round + 1, reason };
}

/** The next agent starts afresh: it inherits neither the change nor the findings of the one before. */
function escalate(task: Task, reason: Reason): Task | null {
  if (task.rung + 1 >= task.ladder.length) return null;
  const start = { findings: null, start_patch: null, round: 0, faults: 0 };
  return { ...task, ...start, state: 'escalating', rung: task.rung + 1, reason };
}

function end(task: Task, state: 'rejected' | 'failed', reason: Reason): Task {
  return { ...task, state, reason };
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

function boundReason(bound: string): Reason {
  return {
    code: 'BOUND_REACHED',
    message: `the task’s bound of ${bound} is reached`,
    mend: 'ask again with a wider bound (--budget-usd, --max-tokens, --max-turns, --max-minutes)',
  };
}
