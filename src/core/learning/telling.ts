import { versionOfStand } from '../registry/stand.js';
import { teachesNothing } from '../tasks/teaches-nothing.js';
import { type Spend, addSpend, nothingSpent } from '../tasks/spend.js';
import type { Task } from '../tasks/task.js';
import type { TaskEvent, TaskEventOf } from '../tasks/task-event.js';
import { type Capture, joinCaptures } from './capture.js';
import { decisionIdOf, spendOf } from './matter.js';
import type { OutcomeVerdict } from './outcome.js';
import type { StoryMatter } from './matter.js';

/** One agent at work on one candidate of one attempt. */
export interface Execution {
  readonly attempt: number;
  /** As the attempt began with; a candidate that is judged again keeps it. */
  readonly candidate: number;
  readonly agent: string;
  readonly decisionId: string | null;
  readonly startedMs: number;
  readonly spend: Spend;
  readonly captures: readonly (Capture | null)[];
  readonly prompt: string | null;
  readonly version: string | null;
  /** Of its profile, where the story says it; `version` is what the worker says of itself. */
  readonly profileVersion: string | null;
  readonly model: string | null;
  readonly verdict: OutcomeVerdict | null;
  /** Its last verdict that is an outcome: not a failure that teaches nothing. */
  readonly outcome: OutcomeVerdict | null;
  /** Outcomes told so far. */
  readonly told: number;
  /** How often anything was said of what it came to, failures that teach nothing included. */
  readonly said: number;
  /** Code of its last failure; null for none. */
  readonly failure: string | null;
  readonly lastMs: number;
}

/** How far a story has been told: what its points lean on beside the event itself. */
export interface Telling {
  /** As the events before have left it. */
  readonly task: Task;
  readonly lastMs: number;
  readonly decisionId: string | null;
  /** Of profiles that were named. */
  readonly versions: Readonly<Record<string, string>>;
  readonly executions: readonly Execution[];
  /** Index of the candidate that is judged again, in the attempt it comes from; null: indices are those of the attempt. */
  readonly judgedAgain: number | null;
  readonly escalations: number;
  readonly fallbacks: number;
  readonly refinements: number;
  readonly takeovers: number;
}

/** Where every story begins. */
export function beginTelling(task: Task): Telling {
  return {
    task,
    lastMs: task.created_ms,
    decisionId: null,
    versions: {},
    executions: [],
    judgedAgain: null,
    escalations: 0,
    fallbacks: 0,
    refinements: 0,
    takeovers: 0,
  };
}

/** The execution that a candidate of the present attempt stands for; null where work never began on it. */
export function executionOf(telling: Telling, candidate: number): Execution | null {
  const index = telling.judgedAgain ?? candidate;
  return telling.executions.findLast((one) => one.attempt === telling.task.attempt && one.candidate === index) ?? null;
}

/** The telling after an event, with the task as it then is; `verdict` is what an execution came to by it. */
export function tellOn(telling: Telling, event: TaskEvent, next: Task, matter: StoryMatter): Telling {
  const lastMs = Math.max(telling.lastMs, event.at_ms);
  const now = { ...telling, lastMs, task: next, decisionId: decisionIdOf(event) ?? telling.decisionId };
  switch (event.type) {
    case 'worker-chosen':
      return { ...now, versions: { ...now.versions, ...event.versions } };
    case 'work-started':
      return next === telling.task ? now : startExecutions(now, telling, event);
    case 'human-answered':
      return next.state === 'pleaded' ? { ...now, judgedAgain: telling.judgedAgain ?? telling.task.chosen ?? 0 } : now;
    case 'task-taken-over':
      return { ...now, takeovers: now.takeovers + 1 };
    default:
      return 'candidate' in event
        ? withExecution(now, telling, event.candidate, (one) => addTo(one, event, matter))
        : now;
  }
}

function startExecutions(now: Telling, before: Telling, event: TaskEventOf<'work-started'>): Telling {
  const { attempt } = now.task;
  const began = event.agents.map((agent, candidate): Execution => ({
    attempt,
    candidate,
    agent,
    decisionId: now.decisionId,
    startedMs: now.lastMs,
    spend: nothingSpent,
    captures: [],
    prompt: null,
    version: null,
    profileVersion: versionOfStand(agent) ?? now.versions[agent] ?? null,
    model: null,
    verdict: null,
    outcome: null,
    told: 0,
    said: 0,
    failure: null,
    lastMs: now.lastMs,
  }));
  const executions = [...now.executions, ...began];
  return { ...now, executions, judgedAgain: null, ...countStep(before, event.agents) };
}

/** Why there is a further attempt: another agent (after a verdict: planned; after a breakdown: not), or the same again. */
function countStep(before: Telling, agents: readonly string[]): Partial<Telling> {
  const last = before.executions.filter((one) => one.attempt === before.task.attempt);
  const [first] = last;
  if (first === undefined) return {};
  if (before.task.state === 'refining') return { refinements: before.refinements + 1 };
  if (first.agent === agents[0]) return {};
  const isJudged = last.some((one) => one.verdict !== null && one.verdict !== 'FAULT');
  return isJudged ? { escalations: before.escalations + 1 } : { fallbacks: before.fallbacks + 1 };
}

function addTo(one: Execution, event: TaskEvent, matter: StoryMatter): Execution {
  const spend = addSpend(one.spend, spendOf(event) ?? nothingSpent);
  const judged = judge({ ...one, spend, lastMs: Math.max(one.lastMs, event.at_ms) }, event);
  if (event.type !== 'plea-submitted' && event.type !== 'chunk-finished') return judged;
  const plea = matter.pleas.get(event.plea) ?? null;
  const captures = [...one.captures, plea?.capture ?? null];
  const pleaded = { ...judged, captures, prompt: plea?.prompt ?? one.prompt };
  return event.type === 'plea-submitted'
    ? { ...pleaded, version: event.worker.version, model: event.worker.model }
    : pleaded;
}

function judge(one: Execution, event: TaskEvent): Execution {
  const failure = failureOf(event) ?? one.failure;
  const verdict = verdictOf(event);
  const outcome = outcomeVerdictOf(event);
  if (outcome !== null) return { ...one, failure, verdict, outcome, told: one.told + 1, said: one.said + 1 };
  if (event.type !== 'work-failed') return one;
  return { ...one, failure, verdict: verdict ?? one.verdict, said: one.said + 1 };
}

function failureOf(event: TaskEvent): string | null {
  if (event.type === 'plan-refused') return 'PLAN_REFUSED';
  return event.type === 'work-failed' ? event.reason.code : null;
}

/** What a plan goes on by: a failure of this machine ends an attempt, too; work that was called off does not. */
function verdictOf(event: TaskEvent): OutcomeVerdict | null {
  if (event.type === 'verdict-reached') return event.outcome;
  if (event.type === 'plan-refused') return 'FAIL';
  return event.type === 'work-failed' && event.reason.code !== 'AGENT_CANCELLED' ? 'FAULT' : null;
}

/**
 * What an execution comes to by an event; null where it comes to nothing yet. Work that was called off, or that this
 * machine failed at, says nothing about who did it, and neither does a question to a human.
 */
export function outcomeVerdictOf(event: TaskEvent): OutcomeVerdict | null {
  return event.type === 'work-failed' && teachesNothing(event.reason.code) ? null : verdictOf(event);
}

function withExecution(
  now: Telling,
  before: Telling,
  candidate: number,
  change: (one: Execution) => Execution,
): Telling {
  const found = executionOf(before, candidate);
  if (found === null) return now;
  return { ...now, executions: now.executions.map((one) => (one === found ? change(one) : one)) };
}

/** What the transcripts of an execution's parts tell together. */
export function captureOf(one: Execution): Capture | null {
  return joinCaptures(one.captures);
}
