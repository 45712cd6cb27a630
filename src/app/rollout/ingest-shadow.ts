import { z } from 'zod';
import { encodeUtf8 } from '../../core/digest.js';
import { type ForeignLine, foreignLineSchema } from '../../core/rollout/foreign-log.js';
import { type ShadowDecision, replayForeign } from '../../core/rollout/replay-foreign.js';
import { defaultPolicyOptions } from '../../core/routing/default-policy.js';
import { evaluateOffPolicy, offPolicyReportSchema } from '../../core/routing/off-policy.js';
import { createPolicy } from '../../core/routing/policies/create-policy.js';
import { policyOptionsSchema } from '../../core/routing/policy-options.js';
import type { Operation } from '../operation.js';
import { badLineSchema, linesSourceSchema, loadLines, readLines } from './read-lines.js';

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);

const inputSchema = z.strictObject({
  source: linesSourceSchema,
  policy: policyOptionsSchema.default(defaultPolicyOptions),
  floor: z.number().min(1).max(1e9).default(30).describe('Least effective sample size that a value is told from.'),
  quarantine: z.string().min(1).optional().describe('File for the lines that were set aside.'),
});
export type ShadowIngest = z.input<typeof inputSchema>;

/** What a policy would have made of another orchestrator's log. */
export const shadowReportSchema = z
  .strictObject({
    policy: z.string(),
    decisions: count,
    outcomes: count,
    mean_reward: share.nullable().describe('Of the decisions with an outcome; null: none has one.'),
    agreement: z
      .strictObject({
        same: count.describe('Decisions in which the policy favours what the log’s chose.'),
        rate: share,
        probability: share.describe('Mean probability with which the policy would have chosen the same.'),
      })
      .nullable()
      .describe('Null: there was no decision.'),
    differences: z
      .array(
        z.strictObject({
          chosen: z.string(),
          favoured: z.string(),
          times: count,
          mean_reward: share.nullable().describe('Of what was chosen, in these.'),
        }),
      )
      .describe('The most frequent first, at most 20.'),
    value: offPolicyReportSchema,
    quarantined: z.array(badLineSchema),
    quarantine_file: z.string().nullable(),
  })
  .meta({ id: 'ShadowReport' });
export type ShadowReport = z.infer<typeof shadowReportSchema>;

export const shadowIngest: Operation<z.infer<typeof inputSchema>, ShadowReport> = {
  name: 'shadow ingest',
  summary: 'let a policy decide beside another orchestrator’s log: agreement, and what it would have earned',
  role: 'anyone',
  input: inputSchema,
  output: shadowReportSchema,
  async run({ files }, { source, policy: options, floor, quarantine }) {
    const lines = await loadLines(files, source);
    const { good, bad } = readLines<ForeignLine>(lines, foreignLineSchema);
    const { decisions, misfits } = replayForeign(createPolicy(options), good);
    const quarantined = [...bad, ...misfits].toSorted((one, other) => one.line - other.line);
    if (quarantine !== undefined) {
      const aside = quarantined.map(({ line }) => `${lines[line - 1] ?? ''}\n`).join('');
      await files.replaceFile(quarantine, encodeUtf8(aside));
    }
    return {
      policy: options.name,
      ...summarise(decisions),
      value: valueOf(decisions, floor),
      quarantined,
      quarantine_file: quarantine ?? null,
    };
  },
};

function summarise(
  decisions: readonly ShadowDecision[],
): Pick<ShadowReport, 'decisions' | 'outcomes' | 'mean_reward' | 'agreement' | 'differences'> {
  const same = decisions.filter(({ decision, favoured }) => decision.chosen === favoured).length;
  return {
    decisions: decisions.length,
    outcomes: decisions.filter(({ reward }) => reward !== null).length,
    mean_reward: meanReward(decisions),
    agreement:
      decisions.length === 0
        ? null
        : {
            same,
            rate: same / decisions.length,
            probability: Math.min(1, decisions.reduce((sum, { target }) => sum + target, 0) / decisions.length),
          },
    differences: differencesOf(decisions),
  };
}

function differencesOf(decisions: readonly ShadowDecision[]): ShadowReport['differences'] {
  const groups = new Map<string, ShadowDecision[]>();
  for (const one of decisions) {
    if (one.decision.chosen === one.favoured) continue;
    const key = JSON.stringify([one.decision.chosen, one.favoured]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()]
    .map((group) => ({
      chosen: group[0]?.decision.chosen ?? '',
      favoured: group[0]?.favoured ?? '',
      times: group.length,
      mean_reward: meanReward(group),
    }))
    .toSorted((one, other) => other.times - one.times)
    .slice(0, 20);
}

function meanReward(decisions: readonly ShadowDecision[]): number | null {
  const rewards = decisions.flatMap(({ reward }) => (reward === null ? [] : [reward]));
  return rewards.length === 0 ? null : rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
}

function valueOf(decisions: readonly ShadowDecision[], floor: number): ShadowReport['value'] {
  const samples = decisions.flatMap(({ sample }) => (sample === null ? [] : [sample]));
  const value = evaluateOffPolicy(samples, { effective: floor, uncovered: 0.05 });
  const hasOutcome = decisions.some(({ reward }) => reward !== null);
  if (samples.length > 0 || value.kind !== 'refused') return value;
  return {
    ...value,
    why: hasOutcome
      ? 'no decision with an outcome says with which probability it was made'
      : 'no decision has an outcome',
    mend: hasOutcome
      ? 'log the propensity of each candidate; choices that were never random say nothing of others'
      : 'add lines of type outcome, below their decisions',
  };
}
