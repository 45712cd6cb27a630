import { type Finding, type Rule, findingOf } from '../finding.js';
import type { Policy } from '../policy.js';
import { tierThresholds } from '../policy.js';
import type { RiskTier } from '../working-spec.js';
import { type ChangedLines, type Ratio, addRatios, basisPoints, showPercent } from './coverage-ratio.js';
import { type GateJudgement, judgementOf } from './gate-judgement.js';
import type { CoverageReport } from './report.js';
import { sourceLanguage } from './source-language.js';

type CoveredFile = CoverageReport['files'][number];

const coverageRule: Rule = {
  id: 'gate.coverage',
  clause: 'constitution §2, thresholds by tier; Article 7 (Proof and Verification)',
  severity: 'waivable',
  why: 'Code that no test runs is a claim without evidence.',
  mend: 'add tests that take the branches named, or have the gap waived',
};

export interface CoverageEvidence {
  readonly report: CoverageReport;
  /** Reports of the change's other coverage gates: a changed file that one of them knows is judged there. */
  readonly others: readonly CoverageReport[];
  readonly changed: readonly ChangedLines[];
  readonly tier: RiskTier;
  readonly policy: Pick<Policy, 'coverageBp'>;
}

/**
 * Judges branch coverage in basis points, once over all files and once over the changed lines, against the policy's
 * `coverageBp`, else the tier's (90 / 80 / 70 %). Both findings are waivable. Test files do not count.
 *
 * Over all files: branches taken of branches known; where no file has a branch, lines hit of lines known; where
 * there is no line either, 0.
 * Over changed lines: a line with branches counts by its branches, any other executable line by whether it was hit; a
 * line that the report does not know in a file that it knows holds nothing to execute and does not count. Of a changed
 * source file that no report knows, each changed line counts as not hit. With no changed line to count, there is
 * nothing to prove and the part passes.
 *
 * Metrics: branchCoverageBp (lineCoverageBp in its place where there are no branches), changedCoverageBp (absent when
 * nothing counts), thresholdBp, branches, branchesTaken, lines, linesHit, filesWithoutCoverage.
 */
export function judgeCoverage(evidence: CoverageEvidence): GateJudgement {
  const thresholdBp = evidence.policy.coverageBp[evidence.tier] ?? tierThresholds[evidence.tier].branchCoverageBp;
  const product = evidence.report.files.filter((file) => sourceLanguage(file.path) !== null);
  const branches = addRatios(product.map(branchRatio));
  const lines = addRatios(product.map(lineRatio));
  const whole = branches.of > 0 ? branches : lines;
  const wholeBp = basisPoints(whole) ?? 0;
  const changed = judgeChangedLines(evidence, thresholdBp);
  const wholeKind = branches.of > 0 ? 'branch' : 'line';
  const findings = [
    ...(wholeBp < thresholdBp ? [findingOf(coverageRule, wholeMessage(wholeKind, whole, wholeBp, thresholdBp))] : []),
    ...changed.findings,
  ];
  return judgementOf(findings, {
    metrics: {
      [branches.of > 0 ? 'branchCoverageBp' : 'lineCoverageBp']: wholeBp,
      ...(changed.bp === null ? {} : { changedCoverageBp: changed.bp }),
      thresholdBp,
      branches: branches.of,
      branchesTaken: branches.hit,
      lines: lines.of,
      linesHit: lines.hit,
      filesWithoutCoverage: changed.unknown.length,
    },
  });
}

function wholeMessage(kind: string, ratio: Ratio, bp: number, thresholdBp: number): string {
  if (ratio.of === 0)
    return `the coverage report knows no line of product code; ${showPercent(thresholdBp)} are asked for`;
  return `${kind} coverage is ${showPercent(bp)} (${ratio.hit} of ${ratio.of}), below ${showPercent(thresholdBp)}`;
}

function judgeChangedLines(
  evidence: CoverageEvidence,
  thresholdBp: number,
): { readonly bp: number | null; readonly unknown: readonly string[]; readonly findings: readonly Finding[] } {
  const known = new Map(evidence.report.files.map((file) => [file.path, file]));
  const elsewhere = new Set(evidence.others.flatMap((report) => report.files.map((file) => file.path)));
  const sources = evidence.changed.filter(({ path, lines }) => lines.length > 0 && sourceLanguage(path) !== null);
  const ratios: (Ratio & { readonly path: string; readonly misses: readonly number[] })[] = [];
  const unknown: string[] = [];
  for (const { path, lines } of sources) {
    const file = known.get(path);
    if (file !== undefined) ratios.push({ path, ...changedRatio(file, lines) });
    else if (!elsewhere.has(path)) {
      unknown.push(path);
      ratios.push({ path, hit: 0, of: lines.length, misses: lines });
    }
  }
  const total = addRatios(ratios);
  const bp = basisPoints(total);
  if (bp === null || bp >= thresholdBp) return { bp, unknown, findings: [] };
  const message = `coverage of the changed lines is ${showPercent(bp)} (${total.hit} of ${total.of}), below ${showPercent(thresholdBp)}`;
  const places = ratios
    .filter((ratio) => ratio.misses.length > 0)
    .slice(0, 20)
    .map((ratio) => missFinding(ratio.path, ratio.misses, unknown.includes(ratio.path)));
  return { bp, unknown, findings: [findingOf(coverageRule, message), ...places] };
}

function missFinding(path: string, misses: readonly number[], unknown: boolean): Finding {
  const named = misses.slice(0, 10).join(', ') + (misses.length > 10 ? ` and ${misses.length - 10} more` : '');
  const message = unknown
    ? `${path} is changed and no coverage report knows it: its changed lines count as not covered`
    : `changed lines without full coverage: ${named}`;
  return findingOf(coverageRule, message, { path, line: misses[0] ?? null });
}

function branchRatio(file: CoveredFile): Ratio {
  return { hit: file.branches.filter((branch) => branch.taken > 0).length, of: file.branches.length };
}

function lineRatio(file: CoveredFile): Ratio {
  let hit = 0;
  for (const hits of file.lines.values()) hit += hits > 0 ? 1 : 0;
  return { hit, of: file.lines.size };
}

function changedRatio(file: CoveredFile, lines: readonly number[]): Ratio & { readonly misses: readonly number[] } {
  const branches = new Map<number, { hit: number; of: number }>();
  for (const { line, taken } of file.branches) {
    const entry = branches.get(line) ?? { hit: 0, of: 0 };
    branches.set(line, { hit: entry.hit + (taken > 0 ? 1 : 0), of: entry.of + 1 });
  }
  const points = lines.flatMap((line) => {
    const hits = file.lines.get(line);
    const own = branches.get(line) ?? (hits === undefined ? null : { hit: hits > 0 ? 1 : 0, of: 1 });
    return own === null ? [] : [{ line, ...own }];
  });
  const misses = points.filter((point) => point.hit < point.of).map((point) => point.line);
  return { ...addRatios(points), misses };
}
