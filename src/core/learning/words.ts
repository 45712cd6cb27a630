import { applyEvent } from '../tasks/apply-event.js';
import type { Task } from '../tasks/task.js';
import type { TaskEvent } from '../tasks/task-event.js';
import type { StoryMatter } from './matter.js';
import { type Outcome, type OutcomeVerdict, outcomeKey } from './outcome.js';
import { type Execution, beginTelling, tellOn } from './telling.js';

/** One execution that a decision of the router led to, by the newest that is known of it. */
export interface Done {
  readonly decisionId: string;
  readonly agent: string;
  readonly attempt: number;
  readonly candidate: number;
  /** FAULT without a reward: nothing is learned from the failure. Null: it came to nothing, or not yet. */
  readonly verdict: OutcomeVerdict | null;
  readonly reward: number | null;
  readonly costMicroUsd: number;
  readonly latencyMs: number;
  /** Code of its last failure; null for none. */
  readonly failure: string | null;
  readonly atMs: number;
  /** How often it was said what it came to, in the story and from outside: grows with every time. */
  readonly revision: number;
  /** Whether the newest word on it came late, from outside. */
  readonly isLate: boolean;
}

/** What one agent's work under one decision came to, all its executions together: what router and registry learn. */
export type Word = Omit<Done, 'attempt' | 'candidate'>;

/** What a verdict under a decision is worth. */
export type Worth = (verdict: OutcomeVerdict, decisionId: string) => number;

const nothingKnown: StoryMatter = { pleas: new Map(), verdicts: new Map(), decisions: new Map(), texts: new Map() };

/**
 * The executions of a story that follow decisions, with what came late on them: the same story and the same late outcomes
 * give the same, and more of either only raises revisions. `task` as the story found it.
 */
export function doneIn(
  task: Task,
  events: readonly TaskEvent[],
  late: readonly Outcome[],
  worth: Worth,
): readonly Done[] {
  let telling = beginTelling(task);
  for (const event of events) telling = tellOn(telling, event, applyEvent(telling.task, event), nothingKnown);
  return telling.executions.flatMap((one) => {
    const { decisionId, attempt, candidate } = one;
    if (decisionId === null) return [];
    const key = outcomeKey({ task_id: task.id, attempt, candidate });
    const told = late.filter((outcome) => outcomeKey(outcome) === key);
    return [withLate(doneOf(one, decisionId, worth), one.told, told)];
  });
}

function doneOf(one: Execution, decisionId: string, worth: Worth): Done {
  const { agent, attempt, candidate, outcome, verdict, spend, failure, lastMs, said } = one;
  return {
    decisionId,
    agent,
    attempt,
    candidate,
    verdict: outcome ?? verdict,
    reward: outcome === null ? null : worth(outcome, decisionId),
    costMicroUsd: spend.micro_usd,
    latencyMs: spend.wall_ms,
    failure,
    atMs: lastMs,
    revision: said,
    isLate: false,
  };
}

/** The greatest revision counts; of a late one and the story's own of one revision, the story's. */
function withLate(done: Done, told: number, late: readonly Outcome[]): Done {
  const newest = late.reduce<Outcome | null>((a, b) => (a === null || b.revision > a.revision ? b : a), null);
  const revision = done.revision + late.length;
  if (newest === null || newest.revision < told) return { ...done, revision };
  const { verdict, reward, cost_micro_usd: costMicroUsd, latency_ms: latencyMs, at_ms: atMs } = newest;
  return { ...done, verdict, reward, costMicroUsd, latencyMs, atMs, revision, isLate: true };
}

/**
 * What each agent's work under each decision came to, in the order in which it began: the last execution that came to
 * anything has the word, and all of them cost. A failure that teaches nothing leaves the word to what was before it.
 */
export function wordsOf(done: readonly Done[]): readonly Word[] {
  const groups = new Map<string, Done[]>();
  for (const one of done) {
    const key = wordKey(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].flatMap((group) => wordOf(group) ?? []);
}

/** What all revisions of one word share: `decision/agent`. */
export function wordKey({ decisionId, agent }: Pick<Done, 'decisionId' | 'agent'>): string {
  return `${decisionId}/${agent}`;
}

function wordOf(group: readonly Done[]): Word | null {
  const inOrder = group.toSorted((a, b) => a.attempt - b.attempt || a.candidate - b.candidate);
  const last = inOrder.at(-1);
  if (last === undefined) return null;
  const judged = inOrder.findLast(({ reward }) => reward !== null);
  const sum = (of: (one: Done) => number): number => group.reduce((total, one) => total + of(one), 0);
  return {
    decisionId: last.decisionId,
    agent: last.agent,
    verdict: (judged ?? last).verdict,
    reward: judged?.reward ?? null,
    costMicroUsd: sum((one) => one.costMicroUsd),
    latencyMs: sum((one) => one.latencyMs),
    failure: inOrder.findLast(({ failure }) => failure !== null)?.failure ?? null,
    atMs: Math.max(...group.map(({ atMs }) => atMs)),
    revision: sum((one) => one.revision),
    isLate: judged?.isLate ?? false,
  };
}
