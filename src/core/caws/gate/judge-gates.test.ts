import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { gateKindSchema } from '../arbiter-config.js';
import { type Severity, severitySchema } from '../finding.js';
import { gateOutcomeSchema, type GateOutcome } from './gate-outcome.js';
import { judgeGates } from './judge-gates.js';

const finding = fc.record({
  rule: fc.constantFrom('gate.coverage', 'gate.lint', 'B4'),
  clause: fc.constant('c'),
  severity: fc.constantFrom(...severitySchema.options),
  path: fc.constant(null),
  line: fc.constant(null),
  message: fc.constant('m'),
  why: fc.constant('w'),
  mend: fc.constant('d'),
});

const anyOutcome: fc.Arbitrary<GateOutcome> = fc.record({
  name: fc.constantFrom('a', 'b'),
  kind: fc.constantFrom(...gateKindSchema.options),
  mandatory: fc.boolean(),
  outcome: fc.constantFrom('pass', 'fail', 'error', 'not_run'),
  reason: fc.option(fc.constant('because')),
  argvSha256: fc.constant(null),
  toolchainSha256: fc.constant(null),
  sandbox: fc.constant(null),
  startedMs: fc.constant(null),
  endedMs: fc.constant(null),
  exit: fc.constant(null),
  executedCount: fc.option(fc.nat({ max: 2 })),
  reportSha256: fc.constant(null),
  tripwire: fc.constantFrom('reported', 'missing', 'passed', 'not-applicable'),
  baseline: fc.constant(null),
  metrics: fc.constant({}),
  findings: fc.array(finding, { maxLength: 3 }),
});

const rank: Record<Severity, number> = { advisory: 0, waivable: 1, block: 2 };
const gravest = (outcomes: readonly GateOutcome[]): number =>
  Math.max(0, ...outcomes.flatMap((outcome) => outcome.findings.map((one) => rank[one.severity])));

describe('judgeGates', () => {
  test.prop([fc.array(anyOutcome)])(
    'a mandatory gate that did not pass, or proved nothing, holds a finding that counts',
    (outcomes) => {
      for (const outcome of judgeGates(outcomes).filter((one) => one.mandatory)) {
        const worst = gravest([outcome]);
        if (outcome.outcome === 'error' || outcome.outcome === 'not_run') expect(worst).toBe(2);
        if (outcome.outcome === 'fail') expect(worst).toBeGreaterThanOrEqual(1);
        if (outcome.tripwire === 'missing' || outcome.tripwire === 'passed') expect(worst).toBe(2);
        if (outcome.kind === 'tests' && !outcome.executedCount) expect(worst).toBe(2);
      }
    },
  );

  test.prop([fc.array(anyOutcome), anyOutcome])(
    'a further gate never makes the gravest finding lighter',
    (outcomes, further) => {
      expect(gravest(judgeGates([...outcomes, further]))).toBeGreaterThanOrEqual(gravest(judgeGates(outcomes)));
    },
  );

  test.prop([fc.array(anyOutcome)])('what is optional only advises, and nothing that was found is lost', (outcomes) => {
    const judged = judgeGates(outcomes);
    expect(judged.map((one) => one.name)).toEqual(outcomes.map((one) => one.name));
    for (const [index, outcome] of judged.entries()) {
      const before = outcomes[index]?.findings ?? [];
      expect(outcome.findings.slice(0, before.length).map((one) => one.message)).toEqual(
        before.map((one) => one.message),
      );
      if (!outcome.mandatory) expect(gravest([outcome])).toBe(0);
    }
  });

  test.prop([fc.array(anyOutcome)])('judging twice changes nothing, and outcomes stay of their shape', (outcomes) => {
    const once = judgeGates(outcomes);
    expect(judgeGates(once)).toEqual(once);
    for (const outcome of once) expect(() => gateOutcomeSchema.parse(outcome)).not.toThrow();
  });

  it('keeps a gate that failed for a waivable reason waivable', () => {
    const [outcome] = fc.sample(anyOutcome, 1);
    if (outcome === undefined) throw new Error('no sample');
    const coverage = {
      ...outcome,
      kind: 'coverage',
      mandatory: true,
      outcome: 'fail',
      tripwire: 'not-applicable',
    } as const;
    const waivable = {
      rule: 'gate.coverage',
      clause: 'c',
      severity: 'waivable',
      path: null,
      line: null,
      message: 'm',
      why: 'w',
      mend: 'd',
    } as const;
    expect(judgeGates([{ ...coverage, findings: [waivable] }])[0]?.findings).toEqual([waivable]);
    expect(judgeGates([{ ...coverage, findings: [] }])[0]?.findings.map((one) => one.rule)).toEqual(['gate.failed']);
  });
});
