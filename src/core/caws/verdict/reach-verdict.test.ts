import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../finding.js';
import type { GateOutcome } from '../gate/gate-outcome.js';
import type { Waiver } from '../waiver.js';
import { assembleVerdict } from './assemble-verdict.js';
import { assessWaiver } from './assess-waiver.js';
import * as fixture from './fixtures/matter.js';
import { type JudgedMatter, reachVerdict } from './reach-verdict.js';
import { renderVerdict } from './verdict-yaml.js';
import { verdictSchema } from './verdict.js';

const rank = { FAIL: 0, WAIVER_REQUIRED: 1, PASS: 2 };
const rules = ['budget.lines', 'budget.files', 'scope.out', 'D4', 'D8', 'gate.coverage', 'B4', 'review.manual'];
const paths = [null, 'src/a.js', 'vendor/b.js', 'caf\udce9'];
const anyFinding: fc.Arbitrary<Finding> = fc
  .record({
    rule: fc.constantFrom(...rules),
    severity: fc.constantFrom('block' as const, 'waivable' as const, 'advisory' as const),
    path: fc.constantFrom(...paths),
    line: fc.option(fc.integer({ min: 1, max: 3 })),
    clause: fc.constantFrom('one', 'two'),
    message: fc.constantFrom('one', 'two'),
    mend: fc.constantFrom('one', 'two'),
  })
  .map(fixture.finding);
const mildFinding = anyFinding.map((finding) =>
  finding.severity === 'block' ? { ...finding, severity: 'waivable' as const } : finding,
);
const anyGate: fc.Arbitrary<GateOutcome> = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('build' as const, 'tests' as const, 'coverage' as const, 'custom' as const),
    mandatory: fc.boolean(),
    outcome: fc.constantFrom('pass' as const, 'pass' as const, 'fail' as const, 'error' as const, 'not_run' as const),
    tripwire: fc.constantFrom('reported' as const, 'not-applicable' as const, 'missing' as const, 'passed' as const),
    reason: fc.option(fc.constantFrom('because', 'x\ud83d'), { nil: null }),
    findings: fc.array(mildFinding, { maxLength: 2 }),
  })
  .map(fixture.gate);
const anyWaiverParts: fc.Arbitrary<Partial<Waiver>> = fc.record({
  id: fc.constantFrom('WV-0001', 'WV-0002', 'WV-0003'),
  dialect: fc.constantFrom('B' as const, 'C' as const),
  status: fc.constantFrom('active' as const, 'active' as const, 'revoked' as const),
  gates: fc.subarray(['budget_limit', 'scope_boundary', 'coverage_threshold', 'mutation_threshold', 'rule:D4']),
  scope: fc.record({
    specId: fc.constantFrom(null, null, 'PROJ-1', 'PROJ-2'),
    paths: fc.subarray(['src', 'vendor/**']),
  }),
  createdMs: fc.option(fc.integer({ min: fixture.nowMs - 100 * fixture.day, max: fixture.nowMs + fixture.day }), {
    nil: null,
  }),
  expiresMs: fc.option(fc.integer({ min: fixture.nowMs - fixture.day, max: fixture.nowMs + 100 * fixture.day }), {
    nil: null,
  }),
  delta: fc.record({ maxFiles: fc.integer({ min: -1, max: 3 }), maxLoc: fc.integer({ min: -1, max: 300 }) }),
});
const anyWaiver = anyWaiverParts.map((parts) => assessWaiver(fixture.submitted(parts), fixture.waiverContext));
const anyMatter: fc.Arbitrary<JudgedMatter> = fc
  .record({
    findings: fc.array(anyFinding, { maxLength: 5 }),
    gates: fc.array(anyGate, { maxLength: 3 }),
    mandatoryGates: fc.subarray(['a', 'b', 'c']),
    waivers: fc.array(anyWaiver, { maxLength: 4 }),
    applied: fc.subarray(['WV-0001', 'WV-0002']),
    measured: fc.integer({ min: 0, max: 2500 }),
  })
  .map(({ findings, applied, measured, ...rest }) =>
    fixture.matter({
      ...rest,
      examination: fixture.examination(findings, {
        limits: { files: 50, loc: 2000 },
        measured: { files: 1, loc: measured },
        source: 'policy',
        waiversApplied: applied,
        waiversSkipped: [],
      }),
    }),
  );
const outcomeOf = (matter: JudgedMatter): number => rank[reachVerdict(matter).outcome];

describe('reachVerdict', () => {
  property.prop([anyMatter])('is total, and what it comes to agrees with itself', (matter) => {
    const verdict = assembleVerdict(fixture.facts({ matter }));
    expect(verdictSchema.safeParse(verdict).error?.issues).toBeUndefined();
  });

  property.prop([anyMatter, anyGate])('is never improved by a further mandatory gate that fails', (matter, gate) => {
    const failing = { ...gate, name: 'another', mandatory: true, outcome: 'fail' as const };
    expect(outcomeOf({ ...matter, gates: [...matter.gates, failing] })).toBeLessThanOrEqual(outcomeOf(matter));
    const dead = { ...failing, outcome: 'error' as const, findings: [] };
    expect(outcomeOf({ ...matter, gates: [...matter.gates, dead] })).toBe(rank.FAIL);
  });

  property.prop([anyMatter, anyFinding])('is never improved by a further finding', (matter, finding) => {
    const findings = [...matter.examination.findings, finding];
    const more = { ...matter, examination: { ...matter.examination, findings } };
    expect(outcomeOf(more)).toBeLessThanOrEqual(outcomeOf(matter));
  });

  property.prop([anyMatter, anyWaiverParts, fc.nat({ max: 50 * fixture.day })])(
    'takes an expired waiver for no waiver, whether it was assessed now or before',
    (matter, parts, ago) => {
      const expiresMs = fixture.nowMs - ago;
      const mild = { ...matter, examination: { ...matter.examination, budget: null } };
      const now = assessWaiver(
        fixture.submitted({ ...parts, id: 'WV-0009', createdMs: expiresMs - 1000, expiresMs }),
        fixture.waiverContext,
      );
      const before = fixture.validWaiver({ ...parts, id: 'WV-0009', expiresMs });
      expect(reachVerdict({ ...mild, waivers: [...mild.waivers, now] })).toEqual(reachVerdict(mild));
      expect(reachVerdict({ ...mild, waivers: [...mild.waivers, before] })).toEqual(reachVerdict(mild));
    },
  );

  property.prop([anyMatter, fc.infiniteStream(fc.nat())])(
    'gives the same bytes whatever came first',
    (matter, dice) => {
      const shuffle = <Item>(items: readonly Item[]): Item[] =>
        items
          .map((item) => ({ item, at: dice.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ item }) => item);
      const shuffled: JudgedMatter = {
        ...matter,
        examination: {
          findings: shuffle(matter.examination.findings),
          budget: matter.examination.budget && {
            ...matter.examination.budget,
            waiversApplied: shuffle(matter.examination.budget.waiversApplied),
          },
        },
        gates: shuffle(matter.gates).map((gate) => ({ ...gate, findings: shuffle(gate.findings) })),
        mandatoryGates: shuffle(matter.mandatoryGates),
        waivers: shuffle(matter.waivers),
      };
      const render = (input: JudgedMatter): Uint8Array =>
        renderVerdict(assembleVerdict(fixture.facts({ matter: input })));
      expect(render(shuffled)).toEqual(render(matter));
    },
  );

  it('leans on a waiver whose delta the change needed, and on none that it did not need', () => {
    const raised = (loc: number, waiversApplied = ['WV-0001']): JudgedMatter =>
      fixture.matter({
        waivers: [fixture.validWaiver({ dialect: 'B', delta: { maxFiles: 0, maxLoc: 500 } })],
        examination: fixture.examination([], {
          limits: { files: 50, loc: 2500 },
          measured: { files: 1, loc },
          source: 'policy',
          waiversApplied,
          waiversSkipped: [],
        }),
      });
    expect(reachVerdict(raised(2001))).toMatchObject({ outcome: 'PASS', leanedOn: [{ id: 'WV-0001' }] });
    expect(reachVerdict(raised(2000))).toMatchObject({ outcome: 'PASS', leanedOn: [] });
    expect(reachVerdict(raised(2001, ['WV-0001', 'WV-0404']))).toMatchObject({
      outcome: 'FAIL',
      findings: [{ rule: 'budget.unfounded-raise' }],
    });
  });

  it('asks for a grave finding of a mandatory gate that is red, whatever milder it found itself', () => {
    const advice = [fixture.finding({ rule: 'gate.tests', severity: 'advisory' })];
    const gates = [fixture.gate({ outcome: 'fail', findings: advice })];
    expect(reachVerdict(fixture.matter({ gates })).outcome).toBe('FAIL');
  });
});
