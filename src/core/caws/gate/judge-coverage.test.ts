import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { basisPoints, showPercent } from './coverage-ratio.js';
import { judgeCoverage } from './judge-coverage.js';
import { judgeMutation } from './judge-mutation.js';
import type { MutationReport } from './report.js';

const noThreshold = { 1: null, 2: null, 3: null };
const branch = fc.record({ line: fc.integer({ min: 1, max: 9 }), taken: fc.nat({ max: 2 }) });
const lines = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 9 });
const tier = fc.constantFrom(1, 2, 3);

describe('judgeCoverage', () => {
  test.prop([fc.array(branch), lines, lines, tier])(
    'taking one more branch never lowers a figure',
    (branches, hit, changed, riskTier) => {
      const judge = (list: typeof branches) =>
        judgeCoverage({
          report: { files: [{ path: 'a.js', lines: new Map(hit.map((line) => [line, 1])), branches: list }] },
          others: [],
          changed: [{ path: 'a.js', lines: changed }],
          tier: riskTier,
          policy: { coverageBp: noThreshold },
        }).metrics;
      const better = judge(branches.map((one, index) => (index === 0 ? { ...one, taken: 1 } : one)));
      const before = judge(branches);
      expect(better.branchCoverageBp ?? 0).toBeGreaterThanOrEqual(before.branchCoverageBp ?? 0);
      expect(better.changedCoverageBp ?? 0).toBeGreaterThanOrEqual(before.changedCoverageBp ?? 0);
      for (const value of Object.values(before)) expect(Number.isInteger(value)).toBe(true);
    },
  );

  it('rounds down and shows percents plainly', () => {
    expect(basisPoints({ hit: 2, of: 3 })).toBe(6666);
    expect(basisPoints({ hit: 0, of: 0 })).toBeNull();
    expect([0, 5, 50, 8330, 9000, 10_000].map(showPercent)).toEqual([
      '0 %',
      '0.05 %',
      '0.5 %',
      '83.3 %',
      '90 %',
      '100 %',
    ]);
  });
});

describe('judgeMutation', () => {
  const outcome = fc.constantFrom<MutationReport['mutants'][number]['outcome']>(
    'killed',
    'survived',
    'no-coverage',
    'timeout',
    'invalid',
  );
  const mutant = fc.record({
    path: fc.constant('a.js'),
    line: fc.integer({ min: 1, max: 5 }),
    description: fc.constant('d'),
    outcome,
  });

  test.prop([fc.array(mutant), mutant, tier])(
    'one more survivor never turns a fail into a pass; an invalid mutant says nothing',
    (mutants, one, riskTier) => {
      const judge = (list: readonly (typeof one)[]) =>
        judgeMutation({
          report: { mutants: list },
          changed: [{ path: 'a.js', lines: [1, 2] }],
          tier: riskTier,
          policy: { mutationBp: noThreshold },
          source: 'tool',
        });
      const before = judge([...mutants, { ...one, outcome: 'killed' }]);
      if (before.outcome === 'fail') {
        expect(judge([...mutants, { ...one, outcome: 'killed' }, { ...one, outcome: 'survived' }]).outcome).toBe(
          'fail',
        );
      }
      const withInvalid = judge([...mutants, { ...one, outcome: 'killed' }, { ...one, outcome: 'invalid' }]);
      expect(withInvalid.metrics.mutationScoreBp).toBe(before.metrics.mutationScoreBp);
      expect(withInvalid.outcome).toBe(before.outcome);
    },
  );
});
