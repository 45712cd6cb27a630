import { z } from 'zod';

/**
 * What a policy trades success against: utility = success − λ·dollars − μ·minutes, in units of one success. A λ of 0.1
 * gives up one success in ten for a dollar less.
 */
const tradeSchema = z.strictObject({
  cost_weight: z.number().min(0).max(1e6).default(0).describe('λ, per dollar.'),
  latency_weight: z.number().min(0).max(1e6).default(0).describe('μ, per minute.'),
});
export type Trade = z.infer<typeof tradeSchema>;

const shared = {
  trade: tradeSchema.prefault({}),
  /** Probability that is spread evenly over all eligible arms whatever the policy says: keeps the log evaluable. */
  floor: z.number().min(0).max(0.5).default(0),
  /** γ: weight of an arm's past after one more outcome of its own. 1: nothing is forgotten. */
  discount: z.number().min(0.9).max(1).default(1),
  /** Page–Hinkley threshold in rewards; an arm whose evidence of change exceeds it starts again. Null: never. */
  restart_above: z.number().min(1).max(1000).nullable().default(null),
};

/**
 * Outcomes of reward 0.9 that each arm is credited with while it is weighed, on top of what is believed of it: what has
 * been tried little is given the benefit of the doubt, and loses it as outcomes come.
 */
const optimism = z.number().min(0).max(100).default(0);

/** Which policy chooses, with its parameters. Defaults were chosen by replay (docs/bench-routing.md). */
export const policyOptionsSchema = z
  .discriminatedUnion('name', [
    z.strictObject({
      name: z.literal('epsilon-greedy'),
      ...shared,
      optimism,
      epsilon: z.number().min(0.01).max(1).default(0.2).describe('ε₀; ε = max(0.01, ε₀ · decayⁿ) after n outcomes.'),
      decay: z.number().min(0.9).max(1).default(0.995),
    }),
    z.strictObject({ name: z.literal('ucb1'), ...shared, optimism, width: z.number().min(0).max(4).default(0.25) }),
    z.strictObject({ name: z.literal('kl-ucb'), ...shared, optimism, width: z.number().min(0).max(4).default(0.25) }),
    z.strictObject({ name: z.literal('thompson'), ...shared }),
    z.strictObject({
      name: z.literal('lin-ucb'),
      ...shared,
      features: z.array(z.string().max(60)).max(16).default([]),
      ridge: z.number().min(1e-6).max(1e6).default(1),
      width: z.number().min(0).max(10).default(0.25),
    }),
    z.strictObject({
      name: z.literal('lin-ts'),
      ...shared,
      features: z.array(z.string().max(60)).max(16).default([]),
      ridge: z.number().min(1e-6).max(1e6).default(1),
      width: z.number().min(0).max(10).default(0.25),
    }),
    z.strictObject({
      name: z.literal('square-cb'),
      ...shared,
      gamma: z.number().min(0).max(1e6).default(20).describe('Greater: greedier.'),
      features: z.array(z.string().max(60)).max(16).default([]),
      ridge: z.number().min(1e-6).max(1e6).default(1),
    }),
  ])
  .meta({ id: 'PolicyOptions' });
export type PolicyOptions = z.infer<typeof policyOptionsSchema>;
export type PolicyName = PolicyOptions['name'];
