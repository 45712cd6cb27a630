import { type Finding, type Rule, findingOf } from '../finding.js';
import { type Policy, tierThresholds } from '../policy.js';
import type { RiskTier } from '../working-spec.js';
import { type ChangedLines, type Ratio, basisPoints, showPercent } from './coverage-ratio.js';
import { type GateJudgement, judgementOf } from './gate-judgement.js';
import type { MutationReport } from './report.js';
import { sourceLanguage } from './source-language.js';

type Mutant = MutationReport['mutants'][number];

const mutationRule: Rule = {
  id: 'gate.mutation',
  clause: 'constitution §2, thresholds by tier',
  severity: 'waivable',
  why: 'Tests that stay green when the code is broken prove nothing of it.',
  mend: 'add assertions that notice the surviving mutants, or have the gap waived',
};

const changedMutationRule: Rule = {
  ...mutationRule,
  id: 'B4',
  clause: 'constitution §4, B4 (mutants on changed lines must die)',
};

export interface MutationEvidence {
  readonly report: MutationReport;
  readonly changed: readonly ChangedLines[];
  readonly tier: RiskTier;
  readonly policy: Pick<Policy, 'mutationBp'>;
  /** `tool`: a mutation tool's report over the code; `line-mutator`: our own mutants, all on changed lines. */
  readonly source: 'tool' | 'line-mutator';
}

/**
 * Judges mutants: score = (killed + timeout) / (all − invalid) in basis points, against the policy's `mutationBp` of the
 * tier, else the tier's own (70 / 50 / 30 %). Findings are waivable. A tool's report is judged over all mutants (`gate.mutation`)
 * and over those on changed lines (B4); our own mutants under B4 alone.
 *
 * A tool's report without a valid mutant fails. With no valid mutant on the changed lines: B4 fails for a tool where
 * the tool has no mutant at all in a changed file of a language that it otherwise mutates (it did not look there),
 * else it passes, since there was nothing to break. Our own mutator proposing nothing passes for the same reason.
 *
 * Metrics: mutationScoreBp (tool), changedMutationBp, mutants, killed, timeouts, survived, noCoverage, invalid.
 */
export function judgeMutation(evidence: MutationEvidence): GateJudgement {
  const { mutants } = evidence.report;
  const thresholdBp = evidence.policy.mutationBp[evidence.tier] ?? tierThresholds[evidence.tier].mutationBp;
  const onChanged = evidence.source === 'tool' ? mutantsOnLines(mutants, evidence.changed) : mutants;
  const whole = scoreOf(mutants);
  const changed = scoreOf(onChanged);
  const findings = [
    ...(evidence.source === 'tool' ? scoreFindings(mutationRule, 'the mutation score', whole, thresholdBp, true) : []),
    ...scoreFindings(changedMutationRule, 'the mutation score of the changed lines', changed, thresholdBp, false),
    ...(evidence.source === 'tool' ? unseenFindings(mutants, evidence.changed) : []),
    ...survivorFindings(onChanged, changed, thresholdBp),
  ];
  const count = (outcome: Mutant['outcome']): number => mutants.filter((mutant) => mutant.outcome === outcome).length;
  const wholeBp = basisPoints(whole);
  const changedBp = basisPoints(changed);
  return judgementOf(findings, {
    metrics: {
      ...(evidence.source === 'tool' && wholeBp !== null ? { mutationScoreBp: wholeBp } : {}),
      ...(changedBp === null ? {} : { changedMutationBp: changedBp }),
      thresholdBp,
      mutants: mutants.length,
      killed: count('killed'),
      timeouts: count('timeout'),
      survived: count('survived'),
      noCoverage: count('no-coverage'),
      invalid: count('invalid'),
    },
  });
}

function scoreOf(mutants: readonly Mutant[]): Ratio {
  const valid = mutants.filter((mutant) => mutant.outcome !== 'invalid');
  return { hit: valid.filter(isDead).length, of: valid.length };
}

function isDead(mutant: Mutant): boolean {
  return mutant.outcome === 'killed' || mutant.outcome === 'timeout';
}

function mutantsOnLines(mutants: readonly Mutant[], changed: readonly ChangedLines[]): readonly Mutant[] {
  const lines = new Map(changed.map((file) => [file.path, new Set(file.lines)]));
  return mutants.filter((mutant) => lines.get(mutant.path)?.has(mutant.line) === true);
}

function scoreFindings(
  rule: Rule,
  what: string,
  score: Ratio,
  thresholdBp: number,
  needed: boolean,
): readonly Finding[] {
  const bp = basisPoints(score);
  if (bp === null) return needed ? [findingOf(rule, `${what} is not known: no valid mutant was run`)] : [];
  if (bp >= thresholdBp) return [];
  return [
    findingOf(rule, `${what} is ${showPercent(bp)} (${score.hit} of ${score.of}), below ${showPercent(thresholdBp)}`),
  ];
}

function unseenFindings(mutants: readonly Mutant[], changed: readonly ChangedLines[]): readonly Finding[] {
  const seen = new Set(mutants.map((mutant) => mutant.path));
  const languages = new Set(mutants.map((mutant) => sourceLanguage(mutant.path)));
  const isOwed = (path: string): boolean => sourceLanguage(path) !== null && languages.has(sourceLanguage(path));
  return changed
    .filter((file) => file.lines.length > 0 && isOwed(file.path) && !seen.has(file.path))
    .slice(0, 20)
    .map((file) =>
      findingOf(changedMutationRule, `${file.path} is changed and the mutation tool made no mutant in it`, {
        path: file.path,
      }),
    );
}

function survivorFindings(mutants: readonly Mutant[], score: Ratio, thresholdBp: number): readonly Finding[] {
  const survivors = mutants.filter((mutant) => mutant.outcome === 'survived' || mutant.outcome === 'no-coverage');
  // Survivors above the threshold are worth a look, not a waiver.
  const severity = (basisPoints(score) ?? 10_000) < thresholdBp ? 'waivable' : 'advisory';
  return survivors.slice(0, 20).map((mutant) =>
    findingOf(changedMutationRule, `no test noticed this mutant: ${mutant.description}`, {
      path: mutant.path,
      line: mutant.line,
      severity,
    }),
  );
}
