import { z } from 'zod';
import type { PolicyOptions } from './policy-options.js';
import type { Features } from './surface.js';

const count = z.number().int().nonnegative();
const level = z.number().nonnegative();

/** One side of a change detector: its evidence, and the rewards since that was last 0: the start of what may be new. */
const sideSchema = z.strictObject({ evidence: level, count: level, reward: level });

/**
 * What a policy remembers of one arm. `weight` and `reward` are the discounted number and sum of rewards since the last
 * restart; without discount `weight` is the plain count. Everything that a policy says about an arm follows from this,
 * so that outcomes of different arms may be learned in any order.
 */
export const armStateSchema = z
  .strictObject({
    pulls: count.describe('Outcomes learned since the start, restarts included.'),
    weight: level,
    reward: level,
    restarts: count.describe('Times that a change was detected and the past forgotten.'),
    drift: z
      .strictObject({ count: level, mean: z.number(), rise: sideSchema, fall: sideSchema })
      .describe('Page–Hinkley, two-sided: rewards since the restart, and their mean.'),
    linear: z
      .strictObject({ inverse: z.array(z.number()), target: z.array(z.number()) })
      .nullable()
      .describe('Linear policies: A⁻¹ row by row (d × d), and b (d). Null for the others.'),
  })
  .meta({ id: 'ArmState' });
export type ArmState = z.infer<typeof armStateSchema>;

/** A policy's whole memory: JSON, never changed in place. `pending` counts choices whose outcome has not come yet. */
export const policyStateSchema = z
  .strictObject({ arms: z.record(z.string(), armStateSchema), pending: z.record(z.string(), count) })
  .meta({ id: 'PolicyState' });
export type PolicyState = z.infer<typeof policyStateSchema>;

/** What is believed of an arm: mean reward in [0, 1], and how many outcomes that is worth (0: nothing is known). */
export interface Belief {
  readonly success: number;
  readonly evidence: number;
}

/**
 * An arm that stands for choice. `success` and `evidence` are what is believed from everywhere but the policy's own
 * memory (catalogue, benchmark, other surfaces): the state adds what it has learned itself, so that nothing counts twice.
 * `cost` in micro-dollars, `latency` in milliseconds, both expected, finite and not negative.
 */
export interface Candidate extends Belief {
  readonly key: string;
  readonly cost: number;
  readonly latency: number;
}

/** Seed: an integer in [0, 2³²), for policies that sample to find their propensities. */
export interface WeighRequest {
  readonly arms: readonly Candidate[];
  readonly features: Features;
  readonly seed: number;
}

/** Probability of choice and score (utility, greater is better) of each arm, in the order of the request. */
export interface Weighed {
  readonly propensities: readonly number[];
  readonly scores: readonly number[];
}

/** An outcome as a policy learns it: `reward` in [0, 1]. */
export interface Lesson {
  readonly key: string;
  readonly features: Features;
  readonly reward: number;
}

/**
 * The one port of all policies: pure functions over a state. Propensities sum to 1 within 1e-12 and are what `draw` is
 * inverted through; a request without arms, with two arms of one key, or with NaN or negative numbers is refused.
 */
export interface Policy {
  readonly options: PolicyOptions;
  /** Of the implementation: a change that could give other numbers for the same input gives it a new one. */
  readonly version: string;
  start(): PolicyState;
  /** The candidate's belief with what the state has learned of it. */
  believe(state: PolicyState, arm: Candidate): Belief;
  /** @throws ROUTING_INPUT_INVALID */
  weigh(state: PolicyState, request: WeighRequest): Weighed;
  /** The arm was chosen; its outcome is still to come. */
  pend(state: PolicyState, key: string): PolicyState;
  /** A choice that will have no outcome (cancelled, machine fault): no longer pending, nothing learned. */
  release(state: PolicyState, key: string): PolicyState;
  /** An outcome has come: one fewer pending. @throws ROUTING_INPUT_INVALID */
  learn(state: PolicyState, lesson: Lesson): PolicyState;
  /** A verdict was revised: `was` is the reward that was learned before. @throws ROUTING_INPUT_INVALID */
  revise(state: PolicyState, lesson: Lesson & { readonly was: number }): PolicyState;
}
