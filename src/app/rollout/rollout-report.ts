import { z } from 'zod';
import { policyOf } from '../../core/rollout/admit.js';
import { logEvidence } from '../../core/rollout/bet.js';
import { thresholdsOf } from '../../core/rollout/judge-rollout.js';
import { type Rollout, rolloutSchema } from '../../core/rollout/rollout.js';
import { percentOf } from '../../core/rollout/stage.js';
import { configurationOf } from '../../core/routing/policy-word.js';

const evidenceSchema = z.strictObject({
  e_value: z.number().nonnegative().describe('At most 1e12 is told.'),
  wanted: z.number().positive(),
  rounds: z.number().int().nonnegative(),
});

/** A rollout as it is shown: its state, and what the bets say about it. */
export const rolloutReportSchema = z
  .strictObject({
    rollout: rolloutSchema,
    percent: z.number().describe('How many tasks in a hundred the candidate gets now.'),
    judgement: z
      .enum(['gathering', 'undecided', 'climbing', 'at-the-top', 'finished', 'rolled-back'])
      .describe(
        '`undecided`: past its patience, a person is to say. `climbing`: good enough, its least of outcomes to come.',
      ),
    evidence: z.strictObject({ harm: evidenceSchema, merit: evidenceSchema, errors: evidenceSchema }),
    adopt: z
      .string()
      .nullable()
      .describe(
        'Of an accepted policy: the lines of .caws/arbiter.yaml by which a person makes it the configured one.',
      ),
  })
  .meta({ id: 'RolloutReport' });
export type RolloutReport = z.infer<typeof rolloutReportSchema>;

/** What there is to say about a rollout. */
export function reportRollout(rollout: Rollout): RolloutReport {
  const { comparison, options, state } = rollout;
  const wanted = thresholdsOf(options);
  const evidenceOf = (name: 'harm' | 'merit' | 'errors') => ({
    e_value: Math.min(1e12, Math.exp(logEvidence(comparison[name]))),
    wanted: wanted[name],
    rounds: comparison[name].rounds,
  });
  return {
    rollout,
    percent: percentFor(rollout),
    judgement: judgementOf(rollout),
    evidence: { harm: evidenceOf('harm'), merit: evidenceOf('merit'), errors: evidenceOf('errors') },
    adopt:
      state === 'finished' && rollout.subject.kind === 'policy'
        ? configurationOf(policyOf(rollout, 'candidate'))
        : null,
  };
}

/** How many tasks in a hundred the candidate gets. */
export function percentFor({ state, stage }: Pick<Rollout, 'state' | 'stage'>): number {
  return state === 'running' ? percentOf(stage) : state === 'finished' ? 100 : 0;
}

function judgementOf({ state, stage, stage_outcomes, options, comparison }: Rollout): RolloutReport['judgement'] {
  if (state !== 'running') return state;
  if (stage === 'full') return 'at-the-top';
  if (logEvidence(comparison.merit) >= Math.log(thresholdsOf(options).merit)) return 'climbing';
  return stage_outcomes >= options.patience ? 'undecided' : 'gathering';
}
