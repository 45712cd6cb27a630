import type { Difference } from '../../core/learning/compare-words.js';
import { isFault } from '../../core/fault.js';
import type { Word } from '../../core/learning/words.js';
import { type HistoryPlace, type Observation, historyKey } from '../../core/registry/history.js';
import type { RegistryStore } from '../../ports/registry-store.js';
import type { RecordedDecision, RouteStore } from '../../ports/route-store.js';
import type { LateWorld } from '../routing/learn-late.js';
import { learnTask } from '../routing/learn-task.js';
import { observationId, settleOutcome } from '../routing/settle-outcome.js';
import { relearn } from '../routing/teach.js';
import type { Comparison } from './compare-outcomes.js';
import { learnedOf, readAll } from './read-words.js';

/** Where outcomes are set right: what learns of them, and the registry's own store. */
export interface MendWorld extends LateWorld {
  readonly histories: Pick<RegistryStore, 'observations' | 'mend' | 'read'>;
}

/**
 * Has router and registry learn what the data points say, where they differ, and makes memories, sums and histories again
 * that are not what their outcomes give. Outcomes only grow: what is set right is a further revision, which is counted
 * (`mends`), so that the story's next word still comes after it. Done again it finds nothing to do.
 */
export async function mendOutcomes(world: MendWorld, found: Comparison): Promise<void> {
  const { differences, words, memories, sums, histories } = found;
  // What is only missing comes by the usual way, with the number that it always would have had.
  for (const { decisionId } of differences) await learnAgain(world, decisionId);
  const newest = newestOf(differences.length === 0 ? [] : await readAll(world.histories.observations()));
  for (const one of differences) {
    const word = words.get(observationId(one));
    if (word !== undefined) await setRight(world, one, word, newest.get(observationId(one)) ?? null);
  }
  for (const { scope, arm } of memories) await world.routes.mend(scope, arm, relearn);
  if (sums.length > 0) await world.routes.checkSums({ mends: true });
  if (histories.length > 0) await world.histories.mend(await placesOf(world.histories, new Set(histories)));
}

async function learnAgain(world: MendWorld, decisionId: string): Promise<void> {
  const recorded = await readDecision(world.routes, decisionId);
  if (recorded === null) return;
  const { task } = await world.tasks.read(recorded.decision.task_id);
  await learnTask(world, task, { storyIsNew: false });
}

async function setRight(
  world: MendWorld,
  { decisionId, agent }: Difference,
  word: Word,
  observed: Observation | null,
): Promise<void> {
  const recorded = await readDecision(world.routes, decisionId);
  const known = recorded?.outcomes.find((one) => one.agent === agent);
  if (recorded === null || known === undefined) return;
  const isRight = isSame(learnedOf(known), word) && isSame(observed === null ? null : learnedBy(observed), word);
  if (isRight) return;
  const revision = Math.max(known.revision, observed?.revision ?? 0) + 1;
  const { verdict, reward, costMicroUsd, latencyMs, atMs } = word;
  const mends = known.mends + revision - known.revision;
  const outcome = { ...known, verdict, reward, costMicroUsd, latencyMs, atMs, revision, mends };
  await settleOutcome(world, recorded.decision, outcome, true);
}

function isSame(a: ReturnType<typeof learnedOf>, word: Word): boolean {
  return JSON.stringify(a) === JSON.stringify(learnedOf(word));
}

function learnedBy({ reward, passed, cost_micro_usd: costMicroUsd, latency_ms: latencyMs }: Observation) {
  return { reward, passed, costMicroUsd, latencyMs };
}

async function readDecision(routes: Pick<RouteStore, 'read'>, id: string): Promise<RecordedDecision | null> {
  try {
    return await routes.read(id);
  } catch (error) {
    if (isFault(error, 'DECISION_UNKNOWN')) return null;
    throw error;
  }
}

function newestOf(observations: readonly Observation[]): ReadonlyMap<string, Observation> {
  return new Map(observations.toSorted((a, b) => a.revision - b.revision).map((one) => [one.decision_id, one]));
}

/** The places behind the keys of histories, by who was observed there or is stored there. */
async function placesOf(
  histories: MendWorld['histories'],
  keys: ReadonlySet<string>,
): Promise<readonly HistoryPlace[]> {
  const stored = (await histories.read(null)).histories.map(({ place }) => place);
  const places: readonly HistoryPlace[] = [...stored, ...(await readAll(histories.observations()))];
  return [...new Map(places.map((one) => [historyKey(one), one]))].flatMap(([key, one]) =>
    keys.has(key) ? [one] : [],
  );
}
