import { createRandom } from '../../src/core/random.js';
import { drawArm } from '../../src/core/routing/draw-arm.js';
import { createPolicy } from '../../src/core/routing/policies/create-policy.js';
import type { Candidate, Lesson, Policy, PolicyState } from '../../src/core/routing/policy.js';
import type { PolicyOptions } from '../../src/core/routing/policy-options.js';
import type { Step } from './sample.js';

/** What is believed of an arm before its first outcome: mean, and how many outcomes that is worth. */
export interface Prior {
  readonly success: number;
  readonly evidence: number;
}

/** How a policy is replayed over the steps. */
export interface Course {
  readonly steps: readonly Step[];
  readonly priors: readonly Prior[];
  /** Steps after which an outcome becomes known; 0: before the next decision. */
  readonly delay: number;
  /** Step before which no outcome becomes known; 0: none is held back. */
  readonly blindUntil: number;
  /** Step from which each arm can be chosen. */
  readonly from: readonly number[];
  /** Price of a dollar at a step, from what was spent and what is believed; overrides the policy's own where given. */
  readonly priceOf?: (step: number, spentUsd: number, success: readonly number[], costUsd: readonly number[]) => number;
  readonly maxUsd?: number;
}

/** Which arm was chosen at each step; its reward; its dollars. Shorter than the steps where the money ran out. */
export interface Run {
  readonly chosen: readonly number[];
  readonly reward: readonly number[];
  readonly cost: readonly number[];
}

interface Waiting extends Lesson {
  readonly due: number;
}

/**
 * Replays a policy as the product would ask it: weigh, draw, pend, and learn when the outcome is due. Dollars expected of
 * an arm are their running mean over what was seen, begun at `firstCost`. Ends before the step that it cannot pay.
 */
export function replayPolicy(options: PolicyOptions, course: Course, seed: number, firstCost: readonly number[]): Run {
  const random = createRandom(seed);
  const bill = createBill(firstCost);
  const waiting: Waiting[] = [];
  const run = { chosen: [] as number[], reward: [] as number[], cost: [] as number[] };
  let policy = createPolicy(options);
  let state: PolicyState = policy.start();
  for (const [at, step] of course.steps.entries()) {
    for (const lesson of takeDue(waiting, at)) state = policy.learn(state, lesson);
    const arms = candidatesAt(course, at, bill);
    policy = pricedPolicy(policy, options, course, at, bill.total(), state, arms);
    const features = { [`group:${step.group}`]: 1 };
    const { propensities } = policy.weigh(state, { arms, features, seed: random.bits() });
    const { key } = arms[drawArm(propensities, random.uniform())] as Candidate;
    const arm = Number(key.slice(key.indexOf('-') + 1));
    const cost = step.cost[arm] ?? 0;
    if (bill.total() + cost > (course.maxUsd ?? Number.POSITIVE_INFINITY)) break;
    bill.pay(arm, cost);
    const reward = step.reward[arm] ?? 0;
    state = policy.pend(state, key);
    waiting.push({ due: Math.max(course.blindUntil, at + 1 + course.delay), key, reward, features });
    run.chosen.push(arm);
    run.reward.push(reward);
    run.cost.push(cost);
  }
  return run;
}

/** The policy at the price of a dollar that this step has; the same one where the course sets none. */
function pricedPolicy(
  policy: Policy,
  options: PolicyOptions,
  course: Course,
  at: number,
  spentUsd: number,
  state: PolicyState,
  arms: readonly Candidate[],
): Policy {
  if (course.priceOf === undefined) return policy;
  const successes = arms.map((arm) => policy.believe(state, arm).success);
  const costs = arms.map((arm) => arm.cost / 1e6);
  const trade = { ...options.trade, cost_weight: course.priceOf(at, spentUsd, successes, costs) };
  return createPolicy({ ...options, trade });
}

function candidatesAt(course: Course, at: number, bill: Bill): readonly Candidate[] {
  return course.priors.flatMap((prior, arm) =>
    (course.from[arm] ?? 0) <= at ? [{ key: `arm-${arm}`, ...prior, cost: bill.expected(arm) * 1e6, latency: 0 }] : [],
  );
}

function takeDue(waiting: Waiting[], at: number): readonly Waiting[] {
  const later = waiting.findIndex((lesson) => lesson.due > at);
  return waiting.splice(0, later < 0 ? waiting.length : later);
}

interface Bill {
  total(): number;
  expected(arm: number): number;
  pay(arm: number, usd: number): void;
}

function createBill(firstCost: readonly number[]): Bill {
  const arms = firstCost.map((usd) => ({ count: 1, sum: usd }));
  let total = 0;
  return {
    total: () => total,
    expected: (arm) => (arms[arm]?.sum ?? 0) / (arms[arm]?.count ?? 1),
    pay: (arm, usd) => {
      const paid = arms[arm] ?? { count: 0, sum: 0 };
      arms[arm] = { count: paid.count + 1, sum: paid.sum + usd };
      total += usd;
    },
  };
}
