import { ulidMs } from '../../core/ids.js';
import { isFault } from '../../core/fault.js';
import { type Difference, type Learned, compareWords } from '../../core/learning/compare-words.js';
import type { Word } from '../../core/learning/words.js';
import { type Observation, historyKey, noHistory, rebuildHistories } from '../../core/registry/history.js';
import { isEnded } from '../../core/tasks/task.js';
import { formatInstant } from '../../core/time.js';
import type { Clock } from '../../ports/clock.js';
import type { PointStore } from '../../ports/point-store.js';
import type { RegistryStore } from '../../ports/registry-store.js';
import type { RouteStore, UnequalSum } from '../../ports/route-store.js';
import type { TaskStore } from '../../ports/task-store.js';
import { relearn } from '../routing/teach.js';
import { learnedOf, readAll, readPointWords } from './read-words.js';

export interface CompareWorld {
  readonly tasks: Pick<TaskStore, 'read'>;
  readonly points: Pick<PointStore, 'read' | 'readOutcomes' | 'state'>;
  readonly routes: RouteStore;
  readonly registry: Pick<RegistryStore, 'observations' | 'read'>;
  readonly clock: Pick<Clock, 'pause'>;
}

/** What the three stores hold of outcomes, beside each other, and what each makes of its own. */
export interface Comparison {
  /** Words that were compared: one agent’s work under one decision each. */
  readonly compared: number;
  /** Decisions whose month was folded into sums: their points are gone, and nothing can be compared. */
  readonly folded: number;
  readonly differences: readonly Difference[];
  /** Memories that are not what their outcomes teach. */
  readonly memories: readonly { readonly scope: string; readonly arm: string }[];
  readonly sums: readonly UnequalSum[];
  /** Histories that are not what their observations give. */
  readonly histories: readonly string[];
  /** What the data points say, by `decision/agent`. */
  readonly words: ReadonlyMap<string, Word>;
}

/** Time enough for a worker between storing the end of a task and having it learned. */
const lookAgainMs = 500;

/**
 * Compares what data points, router and registry hold of outcomes, word by word, and looks whether memories, kept sums and
 * histories are what their outcomes give. What differs is looked at again a moment later, so that a task that has just
 * ended is not taken for a difference; tasks that go on are left out.
 */
export async function compareOutcomes(world: CompareWorld, signal: AbortSignal): Promise<Comparison> {
  const first = await look(world);
  if (isEqual(first)) return first;
  await world.clock.pause(lookAgainMs, signal);
  const again = await look(world);
  const both = <Item>(a: readonly Item[], b: readonly Item[], keyOf: (item: Item) => string): readonly Item[] => {
    const keys = new Set(a.map(keyOf));
    return b.filter((item) => keys.has(keyOf(item)));
  };
  return {
    ...again,
    differences: await ofEnded(
      world,
      both(first.differences, again.differences, ({ decisionId, agent }) => `${decisionId}/${agent}`),
    ),
    memories: both(first.memories, again.memories, ({ scope, arm }) => `${scope} ${arm}`),
    sums: both(first.sums, again.sums, (one) => [one.arm, one.surface, one.complexity, one.repository].join(' ')),
    histories: both(first.histories, again.histories, (key) => key),
  };
}

/** Whether all is one. */
export function isEqual({ differences, memories, sums, histories }: Comparison): boolean {
  return [differences, memories, sums, histories].every((some) => some.length === 0);
}

async function look(world: CompareWorld): Promise<Comparison> {
  const { points, routes, registry } = world;
  const folded = new Set((await points.state()).months.flatMap((one) => (one.folded ? [one.month] : [])));
  // The points first: they are derived after a story has grown, and what is learned of it follows.
  const words = await readPointWords(points);
  const router = await readAll(routes.outcomes());
  const observations = await readAll(registry.observations());
  const isFolded = (key: string): boolean => folded.has(formatInstant(ulidMs(key)).slice(0, 7));
  const kept = <Value>(entries: readonly (readonly [string, Value])[]): ReadonlyMap<string, Value> =>
    new Map(entries.filter(([key]) => folded.size === 0 || !isFolded(key)));
  const ofRouter = router.map((one) => [`${one.decisionId}/${one.agent}`, learnedOf(one)] as const);
  const compared = kept<Learned | null>(ofRouter);
  return {
    compared: compared.size,
    folded: new Set(router.flatMap(({ decisionId }) => (folded.size > 0 && isFolded(decisionId) ? [decisionId] : [])))
      .size,
    differences: compareWords(
      kept([...words].map(([key, word]) => [key, learnedOf(word)])),
      compared,
      kept(newestOf(observations)),
    ),
    memories: await otherMemories(routes),
    sums: await routes.checkSums({ mends: false }),
    histories: await otherHistories(registry, observations),
    words,
  };
}

function newestOf(observations: readonly Observation[]): readonly (readonly [string, Learned])[] {
  const inOrder = observations.toSorted((a, b) => a.revision - b.revision);
  return inOrder.map(({ decision_id: id, reward, passed, cost_micro_usd: costMicroUsd, latency_ms: latencyMs }) => [
    id,
    { reward, passed, costMicroUsd, latencyMs },
  ]);
}

async function otherMemories(routes: RouteStore): Promise<Comparison['memories']> {
  const others: { scope: string; arm: string }[] = [];
  for (const { scope, arm } of await routes.remembered()) {
    if (await routes.mend(scope, arm, relearn, { only: 'look' })) others.push({ scope, arm });
  }
  return others;
}

async function otherHistories(
  registry: CompareWorld['registry'],
  observations: readonly Observation[],
): Promise<readonly string[]> {
  const fresh = rebuildHistories(observations);
  const { histories, quarantined } = await registry.read(null);
  const stored = new Map(histories.map(({ place, history }) => [historyKey(place), history]));
  const keys = new Set([...fresh.keys(), ...stored.keys()]);
  const text = (key: string, of: typeof fresh): string => JSON.stringify(of.get(key) ?? noHistory);
  const unread = quarantined.flatMap(({ table, key }) => (table === 'agent_history' ? [key] : []));
  return [...new Set([...unread, ...[...keys].filter((key) => text(key, fresh) !== text(key, stored))])].toSorted();
}

/** Without those of tasks that go on: what they come to is learned when they rest or end. */
async function ofEnded(
  { tasks, routes }: CompareWorld,
  differences: readonly Difference[],
): Promise<readonly Difference[]> {
  const kept: Difference[] = [];
  for (const one of differences) {
    if (await hasEnded({ tasks, routes }, one.decisionId)) kept.push(one);
  }
  return kept;
}

async function hasEnded(
  { tasks, routes }: Pick<CompareWorld, 'tasks' | 'routes'>,
  decisionId: string,
): Promise<boolean> {
  try {
    const { decision } = await routes.read(decisionId);
    return isEnded((await tasks.read(decision.task_id)).task.state);
  } catch (error) {
    if (isFault(error, 'DECISION_UNKNOWN') || isFault(error, 'TASK_UNKNOWN')) return true;
    throw error;
  }
}
