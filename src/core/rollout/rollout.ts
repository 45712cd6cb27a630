import { z } from 'zod';
import { ulidPattern } from '../ids.js';
import { agentProfileSchema } from '../registry/agent-profile.js';
import { policyOptionsSchema } from '../routing/policy-options.js';
import { surfaceSchema } from '../routing/surface.js';
import { betSchema } from './bet.js';
import { driftWatchSchema } from './drift-watch.js';
import { stageSchema } from './stage.js';

const count = z.number().int().nonnegative();

/** Who a task's work fell to by the rollout. */
export const sideSchema = z.enum(['incumbent', 'candidate']);
export type Side = z.infer<typeof sideSchema>;

/**
 * What takes the place of what. `agent` and `model`: keys of arms (`name@version`), of one agent or of two. `policy`:
 * `name@version` of routing policies.
 */
export const rolloutSubjectSchema = z
  .strictObject({
    kind: z.enum(['agent', 'model', 'policy']),
    incumbent: z.string().regex(/^[^\s@]{1,64}@\S{1,200}$/, 'is no name@version'),
    candidate: z.string().regex(/^[^\s@]{1,64}@\S{1,200}$/, 'is no name@version'),
  })
  .refine(({ incumbent, candidate }) => incumbent !== candidate, 'the candidate is the incumbent')
  .meta({ id: 'RolloutSubject' });

/**
 * What a rollout brings with it, so that its story alone says what it was about: the new version of an agent, or both
 * policies with all their options. Null: two agents that are there anyway.
 */
export const broughtSchema = z
  .discriminatedUnion('what', [
    z.strictObject({
      what: z.literal('version'),
      profile: agentProfileSchema.describe('Of the candidate, under its agent’s name.'),
      discount: z.number().min(0).max(1).describe('What an outcome of the incumbent counts as for the candidate.'),
    }),
    z.strictObject({ what: z.literal('policies'), incumbent: policyOptionsSchema, candidate: policyOptionsSchema }),
  ])
  .nullable()
  .default(null)
  .meta({ id: 'RolloutBrought' });

/**
 * Where the registry has the candidate, a version of the incumbent’s agent: `beside` the one in use while the rollout runs,
 * `in-use` after it was accepted, `retired` after it was taken back. `left`: a person had put another version in use, or
 * removed the agent, and nothing was changed.
 */
export const standingSchema = z.enum(['beside', 'in-use', 'retired', 'left']);
export type Standing = z.infer<typeof standingSchema>;

export const rolloutOptionsSchema = z
  .strictObject({
    alpha: z.number().min(0.001).max(0.2).default(0.05).describe('Risk of each kind of wrong automatic step.'),
    margin: z.number().min(0).max(0.5).default(0.1).describe('A drop of mean reward this large must not be promoted.'),
    fault_rate: z.number().min(0.005).max(0.5).default(0.05).describe('Faults of the candidate up to this are usual.'),
    least: z.number().int().min(1).max(10_000).default(20).describe('Candidate outcomes in a stage before the next.'),
    shadow_decisions: z.number().int().min(0).max(100_000).default(30).describe('Logged before the first canary.'),
    patience: z
      .number()
      .int()
      .min(20)
      .max(1_000_000)
      .default(1000)
      .describe('Candidate outcomes in a stage after which it is undecided, and a person is asked.'),
    outcomes_per_year: z
      .number()
      .int()
      .min(100)
      .max(100_000_000)
      .default(10_000)
      .describe('What the drift alarm’s one false alarm a year is counted in.'),
  })
  .meta({ id: 'RolloutOptions' });
export type RolloutOptions = z.infer<typeof rolloutOptionsSchema>;

/** Why a rollout ended. `veto`: a person said no. `accepted`: a person closed it at the top. */
export const endCauseSchema = z.enum(['regression', 'error-spike', 'drift', 'veto', 'accepted']);
export type EndCause = z.infer<typeof endCauseSchema>;

const tallySchema = z.strictObject({ outcomes: count, reward: z.number().nonnegative(), faults: count });

/** What the tests know: three bets, rewards that wait for their counterpart, and the candidate’s drift. */
export const comparisonSchema = z.strictObject({
  harm: betSchema.describe('Against “the candidate is no worse”.'),
  merit: betSchema.describe('Against “the candidate is worse by the margin or more”.'),
  errors: betSchema.describe('Against “the candidate fails no more often than usual”.'),
  waiting: z.strictObject({ incumbent: z.array(z.number()), candidate: z.array(z.number()) }),
  tally: z.strictObject({ incumbent: tallySchema, candidate: tallySchema }),
  drift: driftWatchSchema.describe('Of the candidate, from its first outcome on; it ends a rollout in the last stage.'),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** A rollout as its events have left it. */
export const rolloutSchema = z
  .strictObject({
    id: z.string().regex(ulidPattern),
    subject: rolloutSubjectSchema,
    brought: broughtSchema,
    settled: standingSchema
      .nullable()
      .default(null)
      .describe('What the registry did by its state; null: that is to be done, or there is nothing to do.'),
    surface: surfaceSchema.nullable().describe('Null: every surface.'),
    options: rolloutOptionsSchema,
    state: z.enum(['running', 'finished', 'rolled-back']),
    stage: stageSchema,
    stages: z.array(stageSchema).min(1).describe('Stages that it has been in, the present one last.'),
    full_since_ms: count.nullable().describe('Since when the candidate gets every task.'),
    started: z.strictObject({ at_ms: count, by: z.string() }),
    shadow: z.strictObject({ decided: count, agreed: count }),
    stage_outcomes: count.describe('Outcomes of the candidate since the present stage began.'),
    comparison: comparisonSchema,
    ended: z
      .strictObject({ at_ms: count, cause: endCauseSchema, by: z.string().nullable(), why: z.string() })
      .nullable(),
  })
  .meta({ id: 'Rollout' });
export type Rollout = z.infer<typeof rolloutSchema>;
