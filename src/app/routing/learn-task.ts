import { rewardOf } from '../../core/learning/reward.js';
import { type Word, doneIn, wordsOf } from '../../core/learning/words.js';
import type { Outcome } from '../../core/learning/outcome.js';
import { armKey } from '../../core/routing/arm.js';
import type { RouteDecision } from '../../core/routing/decision.js';
import { type Task, isEnded, newTask } from '../../core/tasks/task.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { PointStore } from '../../ports/point-store.js';
import type { RecordedDecision, RouteStore, RoutedOutcome } from '../../ports/route-store.js';
import type { RolloutStore } from '../../ports/rollout-store.js';
import type { TaskStore } from '../../ports/task-store.js';
import type { Registry } from '../registry/open-registry.js';
import { tellRollouts } from '../rollout/in-the-loop.js';
import { settleOutcome } from './settle-outcome.js';
import { chosenKey } from './teach.js';

export interface LearningWorld {
  readonly tasks: Pick<TaskStore, 'readEvents'>;
  readonly routes: RouteStore;
  readonly rollouts: RolloutStore;
  /** Told of the same outcomes: agents’ histories, health and breakers follow from them. */
  readonly registry: Pick<Registry, 'recordOutcome' | 'takeOutcome' | 'snapshot'>;
  readonly points: Pick<PointStore, 'late'>;
}

/**
 * Learns what the router's decisions of a task came to, from its story and from what came late on it: the verdict is the
 * reward, whatever the worker said. May be done again at any time and by several: what was learned is known, a verdict
 * that took the place of another revises it, and a task that has ended without one lets go of what it kept pending.
 * Rollouts are told once no verdict can revise it any more, and of the story alone (`storyIsNew`: it may have gone on).
 * Answers how many outcomes were learned.
 */
export async function learnTask(
  { tasks, routes, rollouts, registry, points }: LearningWorld,
  task: Task,
  { storyIsNew }: { readonly storyIsNew: boolean } = { storyIsNew: true },
): Promise<number> {
  // Where a person named the agents, nothing was decided.
  if (task.request.agents.length > 0 && task.routing === undefined) return 0;
  const decisions = await routes.ofTask(task.id);
  if (decisions.length === 0) return 0;
  const events = (await tasks.readEvents(task.id)).map(({ event }) => event);
  // After the story: of two who learn while both grow, one has then seen all of it.
  const late = await points.late(task.id);
  const words = readWords(task, events, decisions, late);
  const ofStory = late.length === 0 ? words : readWords(task, events, decisions, []);
  let learned = 0;
  for (const [index, { decision, outcomes }] of decisions.entries()) {
    const isOver = isEnded(task.state) || index < decisions.length - 1;
    if (isOver && storyIsNew) {
      // First, so that a crash in between leaves the outcome unsettled, and both are done again.
      const told = outcomesOf(decision, ofStory, task).find(({ arm }) => arm === chosenKey(decision));
      if (told !== undefined) await tellRollouts(rollouts, decision, told);
    }
    learned += await learnNew({ routes, registry }, { decision, outcomes }, outcomesOf(decision, words, task));
  }
  return learned;
}

/** Settles those of a decision that are not known yet; answers how many. */
async function learnNew(
  learners: Pick<LearningWorld, 'routes' | 'registry'>,
  { decision, outcomes }: Pick<RecordedDecision, 'decision' | 'outcomes'>,
  fresh: readonly Fresh[],
): Promise<number> {
  let learned = 0;
  for (const { isLate, ...one } of fresh) {
    const known = outcomes.find(({ arm }) => arm === one.arm);
    const mends = known?.mends ?? 0;
    const outcome = { ...one, revision: one.revision + mends, mends };
    if (known !== undefined && known.revision >= outcome.revision) continue;
    await settleOutcome(learners, decision, outcome, isLate);
    learned += 1;
  }
  return learned;
}

function readWords(
  { id, request, created_ms }: Task,
  events: readonly TaskEvent[],
  decisions: readonly RecordedDecision[],
  late: readonly Outcome[],
): readonly Word[] {
  const surfaces = new Map(decisions.map(({ decision }) => [decision.id, decision.surface]));
  return wordsOf(
    doneIn(newTask(id, request, created_ms), events, late, (verdict, decision) =>
      rewardOf(verdict, surfaces.get(decision) ?? null),
    ),
  );
}

type Fresh = RoutedOutcome & Pick<Word, 'isLate'>;

function outcomesOf(decision: RouteDecision, words: readonly Word[], task: Task): readonly Fresh[] {
  const told = words.flatMap((word) => (word.decisionId === decision.id ? (outcomeOf(decision, word) ?? []) : []));
  const chosen = chosenKey(decision);
  if (told.some(({ arm }) => arm === chosen) || !isEnded(task.state)) return told;
  return [...told, neverBegun(decision, chosen, task.updated_ms)];
}

/** The outcome of a word, by the arm of its decision; null where the decision could not have asked that agent. */
function outcomeOf({ eligible }: RouteDecision, word: Word): Fresh | null {
  const found = eligible.find(({ arm }) => arm.agent === word.agent);
  return found === undefined ? null : { ...word, arm: armKey(found.arm), mends: 0 };
}

function neverBegun({ id, chosen }: RouteDecision, arm: string, atMs: number): Fresh {
  const nothing = { verdict: null, reward: null, costMicroUsd: 0, latencyMs: 0, failure: null, revision: 0, mends: 0 };
  return { decisionId: id, arm, agent: chosen, atMs, isLate: false, ...nothing };
}
