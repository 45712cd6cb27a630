import { createRandom } from '../../src/core/random.js';
import { type Foreseen, foreseePlan } from '../../src/core/routing/cascade/foresee.js';
import { type Sequence, frontOfSequences } from '../../src/core/routing/cascade/front.js';
import { type Outlook, type Trial, outlookFromTrials } from '../../src/core/routing/cascade/outlook.js';
import type { Verifier } from '../../src/core/routing/cascade/verifier.js';
import { type Matrix, type Task, coverage } from './matrix.js';
import { indexOfBest, shuffle } from './sample.js';
import { meanOf } from './statistics.js';

// Plans are learned on one half of the tasks and scored on the other.

/** Room that is left while learning for what a plan loses on tasks that it was not learned on. */
export const margins = {
  /** A plan that is to cost no more may cost this share of the best arm's price on the learning half. */
  budget: 0.85,
  /** A plan that is to be as good has to be this much better on the learning half. */
  success: 0.015,
};
/** A plan counts as near when it is at most this much worse. */
const nearness = 0.01;
const longest = 5;
const width = 60;

/** One plan on the scoring half, beside the arm that did best there: success as a share of tasks, cost in dollars a task. */
export interface Scored {
  readonly steps: readonly string[];
  readonly seen: Foreseen;
  readonly success: number;
  readonly costUsd: number;
  /** Tasks that every arm compared here has an outcome for. */
  readonly tasks: number;
  readonly best: { readonly arm: string; readonly success: number; readonly costUsd: number };
}

/** What one split came to: the best arm without any verdict, and plans for three ends. */
export interface Split {
  /** Most success for no more than the best arm's cost. */
  readonly better: Scored;
  /** Least cost for no less than the best arm's success. */
  readonly cheaper: Scored;
  /** Least cost for at most a point less than the best arm's success. */
  readonly near: Scored;
  /** As `better`, if the verdict never erred: an upper bound. */
  readonly perfect: Scored;
  /** The front of the learning half, for the chart. */
  readonly front: readonly Sequence[];
  /** The arm that was best on the learning half, alone behind the verdict. */
  readonly gated: Scored;
}

/** Arms that have a price and an outcome on most tasks; tasks that most of these have an outcome for. */
export function comparable(matrix: Matrix, without: readonly string[]): Matrix {
  const kept = matrix.arms.flatMap((name, arm) =>
    !without.includes(name) && coverage(matrix.tasks, 'r', arm) >= 0.8 && coverage(matrix.tasks, 'cost', arm) >= 0.5
      ? [arm]
      : [],
  );
  const pick = (values: readonly (number | null)[]): (number | null)[] => kept.map((arm) => values[arm] ?? null);
  const tasks = matrix.tasks
    .map((task) => ({ ...task, r: pick(task.r), cost: pick(task.cost) }))
    .filter((task) => task.r.filter((value) => value === null).length <= kept.length / 4);
  const prices = kept.map((arm) => matrix.prices[arm] ?? null);
  return { name: matrix.name, arms: kept.map((arm) => matrix.arms[arm] ?? ''), prices, tasks };
}

/** Learns on one random half, scores on the other. */
export function scoreSplit(matrix: Matrix, verifier: Verifier, seed: number): Split {
  const mixed = shuffle(matrix.tasks, createRandom(seed));
  const half = Math.floor(mixed.length / 2);
  const learned = mixed.slice(0, half);
  const scored = mixed.slice(half);
  const outlook = outlookOf(matrix.arms, learned);
  const singles = matrix.arms.map((_, arm) => meanOf(known(learned, 'r', arm)));
  const price = meanOf(outlook.cost[indexOfBest(singles)] ?? []) / 1e6;
  const plan = (assumed: Verifier): readonly Sequence[] =>
    frontOfSequences(outlook, assumed, { longest, width, harm: 0, first: null }).sequences;
  const front = plan(verifier);
  const within = (from: readonly Sequence[]): Sequence =>
    from.findLast((each) => each.cost <= margins.budget * price * 1e6) ?? (from[0] as Sequence);
  const reaching = (enough: number): Sequence =>
    front.find((each) => each.landed >= enough) ?? (front.at(-1) as Sequence);
  const enough = Math.max(...singles) + margins.success;
  const score = (steps: readonly string[], by: Verifier): Scored => scorePlan(steps, matrix.arms, scored, by);
  const perfect = { false_accept: 0, false_reject: 0 };
  return {
    better: score(within(front).steps, verifier),
    cheaper: score(reaching(enough).steps, verifier),
    near: score(reaching(enough - nearness).steps, verifier),
    perfect: score(within(plan(perfect)).steps, perfect),
    gated: score([matrix.arms[indexOfBest(singles)] ?? ''], verifier),
    front,
  };
}

/** On the tasks that all steps and the best arm have an outcome for. The best arm is that of this half, in hindsight. */
function scorePlan(steps: readonly string[], arms: readonly string[], tasks: readonly Task[], by: Verifier): Scored {
  const best = indexOfBest(arms.map((_, arm) => meanOf(known(tasks, 'r', arm))));
  const used = [...new Set([...steps.map((step) => arms.indexOf(step)), best])];
  const both = tasks.filter((task) => used.every((arm) => (task.r[arm] ?? null) !== null));
  const names = used.map((arm) => arms[arm] ?? '');
  const pick = (values: readonly (number | null)[]): (number | null)[] => used.map((arm) => values[arm] ?? null);
  const outlook = outlookOf(
    names,
    both.map((task) => ({ ...task, r: pick(task.r), cost: pick(task.cost) })),
  );
  const seen = foreseePlan({ kind: 'cascade', steps: [...steps], stop_below: 0 }, outlook, by);
  const bestAt = names.indexOf(arms[best] ?? '');
  return {
    steps,
    seen,
    success: seen.landed,
    costUsd: seen.cost / 1e6,
    tasks: both.length,
    best: {
      arm: arms[best] ?? '',
      success: meanOf(outlook.success[bestAt] ?? []),
      costUsd: meanOf(outlook.cost[bestAt] ?? []) / 1e6,
    },
  };
}

/** What has no value is the arm's mean of the group, or, where the group has none, of all these tasks. */
function outlookOf(arms: readonly string[], tasks: readonly Task[]): Outlook {
  const groups = [...new Set(tasks.map((task) => task.group))];
  const fill = (of: 'r' | 'cost') =>
    arms.map((_, arm) => {
      const everywhere = known(tasks, of, arm);
      const all = everywhere.length > 0 ? meanOf(everywhere) : 0;
      const means = groups.map((group) => {
        const there = known(
          tasks.filter((task) => task.group === group),
          of,
          arm,
        );
        return [group, there.length > 0 ? meanOf(there) : all] as const;
      });
      return new Map(means);
    });
  const success = fill('r');
  const cost = fill('cost');
  const trials = tasks.map((task): Trial => ({
    success: arms.map((_, arm) => task.r[arm] ?? success[arm]?.get(task.group) ?? 0),
    cost: arms.map((_, arm) => (task.cost[arm] ?? cost[arm]?.get(task.group) ?? 0) * 1e6),
    latencyMs: arms.map(() => 0),
  }));
  return outlookFromTrials(arms, trials);
}

function known(tasks: readonly Task[], of: 'r' | 'cost', arm: number): number[] {
  return tasks.flatMap((task) => {
    const value = task[of][arm];
    return typeof value === 'number' ? [value] : [];
  });
}
