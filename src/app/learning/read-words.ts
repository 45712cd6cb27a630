import type { Learned } from '../../core/learning/compare-words.js';
import type { DataPoint } from '../../core/learning/data-point.js';
import { type Outcome, type OutcomeVerdict, outcomeKey } from '../../core/learning/outcome.js';
import { type Done, type Word, wordKey, wordsOf } from '../../core/learning/words.js';
import type { PointStore } from '../../ports/point-store.js';

/** What can be compared of an outcome; null where nothing was to be learned. */
export function learnedOf(one: {
  readonly reward: number | null;
  readonly verdict: OutcomeVerdict | null;
  readonly costMicroUsd: number;
  readonly latencyMs: number;
}): Learned | null {
  const { reward, verdict, costMicroUsd, latencyMs } = one;
  return reward === null ? null : { reward, passed: verdict === 'PASS', costMicroUsd, latencyMs };
}

/**
 * What the data points say that decisions came to, by `decision/agent`: what executions spent, and the newest outcome of
 * each, those from outside included. The same that is read off the stories, where the points are told to their end.
 */
export async function readPointWords(
  points: Pick<PointStore, 'read' | 'readOutcomes'>,
): Promise<ReadonlyMap<string, Word>> {
  const executions = new Map<string, Done>();
  for await (const page of points.read({ kinds: ['plan', 'execution', 'outcome'] })) {
    for (const point of page) addPoint(executions, point);
  }
  for await (const page of points.readOutcomes({})) {
    for (const outcome of page) {
      const key = outcomeKey(outcome);
      const one = executions.get(key);
      if (one !== undefined) executions.set(key, withOutcome(one, outcome));
    }
  }
  return new Map(wordsOf([...executions.values()]).map((word) => [wordKey(word), word]));
}

/** Until its newest outcome is known, an execution's revision is that of the story's newest; −1: it has none. */
const nothing = {
  verdict: null,
  reward: null,
  costMicroUsd: 0,
  latencyMs: 0,
  failure: null,
  atMs: 0,
  revision: -1,
  isLate: false,
} as const;

function addPoint(executions: Map<string, Done>, point: DataPoint): void {
  const { decision_id: decisionId, agent, task_id, at_ms } = point;
  const { attempt, candidate } = point.kind === 'outcome' ? point.outcome : point;
  if (decisionId === null || agent === null || candidate === null) return;
  const key = outcomeKey({ task_id, attempt, candidate });
  const one = executions.get(key) ?? { decisionId, agent, attempt, candidate, ...nothing };
  const spend = 'spend' in point ? point.spend : { micro_usd: 0, wall_ms: 0 };
  executions.set(key, {
    ...one,
    costMicroUsd: one.costMicroUsd + spend.micro_usd,
    latencyMs: one.latencyMs + spend.wall_ms,
    failure: ('code' in point ? point.code : null) ?? one.failure,
    atMs: Math.max(one.atMs, at_ms),
    revision: point.kind === 'outcome' ? Math.max(one.revision, point.outcome.revision) : one.revision,
  });
}

function withOutcome(one: Done, { verdict, reward, revision, ...outcome }: Outcome): Done {
  const isLate = revision > one.revision;
  const told = isLate ? { costMicroUsd: outcome.cost_micro_usd, latencyMs: outcome.latency_ms } : {};
  return { ...one, verdict, reward, ...told, isLate };
}

/** All pages as one list. */
export async function readAll<Item>(pages: AsyncIterable<readonly Item[]>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}
