import { z } from 'zod';
import { ulidPattern } from '../ids.js';
import { agentNeedSchema } from '../registry/capability-match.js';
import { armSchema } from './arm.js';
import { maskSchema } from './mask.js';
import { planSchema } from './plan.js';
import { armStateSchema } from './policy.js';
import { policyOptionsSchema } from './policy-options.js';
import { affinitySchema } from './session.js';
import { spreadSchema } from './spread-load.js';
import { complexitySchema, featuresSchema, surfaceSchema } from './surface.js';

const count = z.number().int().nonnegative();
const probability = z.number().min(0).max(1);
const level = z.number().nonnegative();

const optionSchema = z.union([z.number(), z.string(), z.boolean(), z.null(), z.array(z.string())]);

/** Why there is a decision: the first of a task, or one that follows another. */
const decisionCauseSchema = z.enum(['first', 'fallback', 'escalation', 'rollout']);
export type DecisionCause = z.infer<typeof decisionCauseSchema>;

/** An arm that could have been chosen, with all that the policy was told about it: a decision replays from its record. */
const eligibleArmSchema = z.strictObject({
  arm: armSchema,
  propensity: probability.describe('Probability with which this arm was to be chosen, load looked at.'),
  score: z.number().describe('Utility in units of one success; greater is better.'),
  success: probability.describe('Believed probability of success, own outcomes included.'),
  evidence: level.describe('How many outcomes that belief is worth.'),
  cost_micro_usd: count,
  latency_ms: count,
  prior: z.strictObject({ success: probability, evidence: level }).describe('The belief without own outcomes.'),
  state: armStateSchema.nullable().describe('What the policy remembered of it; null: nothing yet.'),
  pending: count.describe('Choices of it whose outcome had not come yet.'),
});
export type EligibleArm = z.infer<typeof eligibleArmSchema>;

/**
 * One decision of the router, recorded once: what was asked, who could, who was chosen with which probability, and
 * everything that is needed to decide it again to the same bytes.
 */
export const routeDecisionSchema = z
  .strictObject({
    id: z.string().regex(ulidPattern),
    task_id: z.string().regex(ulidPattern),
    attempt: count,
    parent: z.string().regex(ulidPattern).nullable().describe('The decision that this one follows.'),
    cause: decisionCauseSchema,
    at_ms: count,
    surface: surfaceSchema,
    complexity: complexitySchema,
    features: featuresSchema,
    scope: z.string().max(400).describe('Which of the policy’s memories was asked.'),
    policy: z.strictObject({
      id: z.string().describe('Name of the policy.'),
      version: z.string(),
      options: policyOptionsSchema,
      seed: z.number().int().min(0).max(0xffff_ffff),
    }),
    draw: z.number().min(0).lt(1).describe('The one random number: inverted through the propensities, in order.'),
    need: agentNeedSchema
      .nullable()
      .default(null)
      .describe('What was asked of agents. Null: nothing, in records of an earlier Arbiter.'),
    affinity: affinitySchema
      .nullable()
      .default(null)
      .describe('Null: the task belongs to no session, as in records of an earlier Arbiter.'),
    eligible: z.array(eligibleArmSchema).min(1),
    spread: spreadSchema
      .nullable()
      .default(null)
      .describe(
        'How load moved chances among equals. Null: it was not looked at, as in records of an earlier Arbiter.',
      ),
    masked: z.array(z.strictObject({ agent: z.string(), masks: z.array(maskSchema).min(1) })),
    outranked: count.describe('Arms that nothing kept out but that stood behind too many others to be weighed.'),
    chosen: z.string().describe('The agent that the draw fell on: the first, or only, one of the plan.'),
    planner: z
      .strictObject({ id: z.string().max(60), options: z.record(z.string(), optionSchema) })
      .describe('What made the plan of the choice: with its options the plan can be made again.'),
    plan: planSchema,
    predicted: z
      .strictObject({ success: probability, cost_micro_usd: count, latency_ms: count })
      .describe('Of the whole plan.'),
    prices: z.string().describe('Version of the price table.'),
  })
  .meta({ id: 'RouteDecision' });
export type RouteDecision = z.infer<typeof routeDecisionSchema>;
