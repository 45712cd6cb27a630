import type { GateKind } from '../arbiter-config.js';
import { type Finding, findingOf } from '../finding.js';
import type { Plea } from '../plea.js';
import { behaviourRules } from './behaviour-rules.js';
import type { GateOutcome } from './gate-outcome.js';

type Evidence = Plea['evidence'][number];

// Two honest runs on two machines may differ by a hair in coverage, never in a count.
const toleranceBp = 100;

const kinds: Readonly<Partial<Record<Evidence['kind'], GateKind>>> = {
  test: 'tests',
  coverage: 'coverage',
  mutation: 'mutation',
  contract: 'contracts',
  benchmark: 'performance',
};

// Figures of which less is better; of any other more is.
const lessIsBetter =
  /^(failed|errors|skipped|missing|newlySkipped|survived|noCoverage|critical|warnings|notes|filesWithoutCoverage)$/;

export interface ClaimEvidence {
  readonly evidence: Plea['evidence'];
  readonly outcomes: readonly GateOutcome[];
  /** SHA-256 by path of the files of the candidate's tree that the evidence names; a path not in it is unknown. */
  readonly digests: ReadonlyMap<string, string>;
}

/**
 * B5: compares each claim with what the Arbiter measured itself. Blocks when a claimed figure is better than ours (for
 * counts by any amount, for basis points by more than 100), or when a report in the change has another digest than the
 * claim gives: false evidence. A claim worse than our result, a figure that we did not measure, and a
 * report that is not in the change advise: they are not believed either way. Over several gates of a kind a count is compared with
 * the sum where more is better and with the least where less is; basis points with the best. Prose is not judged.
 */
export function judgeClaims(claims: ClaimEvidence): readonly Finding[] {
  return claims.evidence.flatMap((item) => [
    ...Object.entries(item.figures).flatMap(([figure, claimed]) => judgeFigure(item, figure, claimed, claims.outcomes)),
    ...judgeDigest(item, claims.digests),
  ]);
}

function judgeFigure(
  item: Evidence,
  figure: string,
  claimed: number,
  outcomes: readonly GateOutcome[],
): readonly Finding[] {
  const kind = kinds[item.kind];
  const values = outcomes
    .filter((outcome) => outcome.kind === kind)
    .map((outcome) => outcome.metrics[figure])
    .filter((value) => value !== undefined);
  const what = `the worker claims ${figure} = ${claimed} ("${item.claim.slice(0, 80)}")`;
  if (values.length === 0) return [advisory(`${what}, and the Arbiter measured no such figure`)];
  const measured = bestOf(figure, values);
  const better = lessIsBetter.test(figure) ? measured - claimed : claimed - measured;
  const tolerance = figure.endsWith('Bp') ? toleranceBp : 0;
  if (better > tolerance) return [findingOf(behaviourRules.B5, `${what}; the Arbiter measured ${measured}`)];
  return better < -tolerance ? [advisory(`${what}; the Arbiter measured ${measured}, which is better`)] : [];
}

function bestOf(figure: string, values: readonly number[]): number {
  if (lessIsBetter.test(figure)) return Math.min(...values);
  if (figure.endsWith('Bp')) return Math.max(...values);
  return values.reduce((sum, value) => sum + value, 0);
}

function judgeDigest(item: Evidence, digests: ReadonlyMap<string, string>): readonly Finding[] {
  if (item.report === undefined) return [];
  const { path, sha256 } = item.report;
  const actual = digests.get(path);
  if (actual === undefined) {
    return [
      advisory(
        `the worker's evidence names the report ${path}, which is not in the change and cannot be compared`,
        path,
      ),
    ];
  }
  if (actual === sha256) return [];
  const message = `the worker's evidence gives ${path} the digest ${sha256.slice(0, 12)}…, and it is ${actual.slice(0, 12)}…`;
  return [findingOf(behaviourRules.B5, message, { path })];
}

function advisory(message: string, path: string | null = null): Finding {
  return findingOf(behaviourRules.B5, message, { severity: 'advisory', path });
}
