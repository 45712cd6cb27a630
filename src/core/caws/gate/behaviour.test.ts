import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../policy.js';
import { arbiterConfigSchema } from '../arbiter-config.js';
import { type ChangedFile } from '../change.js';
import { type Plea, evidenceSchema, rationaleSchema } from '../plea.js';
import type { WorkingSpec } from '../working-spec.js';
import type { GateOutcome } from './gate-outcome.js';
import { judgeClaims } from './judge-claims.js';
import { judgeExit } from './judge-exit.js';
import { judgeNewTests } from './judge-new-tests.js';
import { judgeRationale } from './judge-rationale.js';
import { judgeRequiredGates, mutationSource } from './required-gates.js';
import type { TestOutcome, TestReport } from './report.js';

const lines = (findings: readonly { severity: string; rule: string }[]): string[] =>
  findings.map((one) => `${one.severity} ${one.rule}`);

const report = (tests: Record<string, TestOutcome>): TestReport => ({
  tests: Object.entries(tests).map(([id, outcome]) => ({ id, title: id, outcome, message: null, file: null })),
});

describe('judgeNewTests (B3)', () => {
  const base = report({ old: 'passed' });
  const candidate = report({ old: 'passed', fresh: 'passed' });

  it('is satisfied by one test that fails without the fix', () => {
    const onBase = report({ old: 'passed', fresh: 'failed' });
    expect(judgeNewTests({ mode: 'fix', candidate, onBase, base })).toMatchObject({
      outcome: 'pass',
      metrics: { failingOnBase: 1, newTests: 1 },
    });
  });

  it('is satisfied by a test that was red on the base and is green now', () => {
    const green = report({ old: 'passed' });
    expect(
      judgeNewTests({
        mode: 'fix',
        candidate: green,
        onBase: report({ old: 'failed' }),
        base: report({ old: 'failed' }),
      }).outcome,
    ).toBe('pass');
  });

  it('asks a fix for a waiver when its new tests pass without it', () => {
    expect(lines(judgeNewTests({ mode: 'fix', candidate, onBase: candidate, base }).findings)).toEqual(['waivable B3']);
  });

  it('takes a test that does not even load on the base for no proof', () => {
    const judged = judgeNewTests({ mode: 'fix', candidate, onBase: base, base });
    expect(lines(judged.findings)).toEqual(['waivable B3']);
    expect(judged.findings[0]?.message).toContain('1 new tests do not even load there');
  });

  it('asks a fix for a waiver when the base could not be run', () => {
    expect(lines(judgeNewTests({ mode: 'fix', candidate, onBase: null, base }).findings)).toEqual(['waivable B3']);
  });

  it('takes a test that fails on both sides for no proof', () => {
    const red = report({ old: 'passed', fresh: 'failed' });
    expect(lines(judgeNewTests({ mode: 'fix', candidate: red, onBase: red, base }).findings)).toEqual(['waivable B3']);
  });

  it('only advises a feature, and says nothing of a refactoring', () => {
    expect(lines(judgeNewTests({ mode: 'feature', candidate, onBase: candidate, base }).findings)).toEqual([
      'advisory B3',
    ]);
    expect(judgeNewTests({ mode: 'refactor', candidate, onBase: candidate, base }).findings).toEqual([]);
    expect(judgeNewTests({ mode: 'feature', candidate: base, onBase: base, base }).findings).toEqual([]);
  });
});

const gate = (kind: GateOutcome['kind'], metrics: Record<string, number>): GateOutcome => ({
  name: kind,
  kind,
  mandatory: true,
  outcome: 'pass',
  reason: null,
  argvSha256: null,
  toolchainSha256: null,
  sandbox: 'bubblewrap',
  startedMs: null,
  endedMs: null,
  exit: 0,
  executedCount: null,
  reportSha256: null,
  tripwire: 'not-applicable',
  baseline: null,
  metrics,
  findings: [],
});

describe('judgeClaims (B5)', () => {
  const claim = (kind: Plea['evidence'][number]['kind'], figures: Record<string, number>) =>
    evidenceSchema.parse({ kind, claim: 'it holds', figures });
  const outcomes = [gate('tests', { passed: 7, failed: 1 }), gate('coverage', { branchCoverageBp: 8000 })];
  const judge = (evidence: Plea['evidence']) =>
    lines(judgeClaims({ evidence, outcomes, digests: new Map([['out/r.xml', 'a'.repeat(64)]]) }));

  it('blocks figures better than ours', () => {
    expect(judge([claim('test', { passed: 8 })])).toEqual(['block B5']);
    expect(judge([claim('test', { failed: 0 })])).toEqual(['block B5']);
    expect(judge([claim('coverage', { branchCoverageBp: 8101 })])).toEqual(['block B5']);
  });

  it('lets equal figures and a hair of coverage be', () => {
    expect(judge([claim('test', { passed: 7, failed: 1 }), claim('coverage', { branchCoverageBp: 8100 })])).toEqual([]);
  });

  it('advises on figures worse than ours and on what nobody measured', () => {
    expect(judge([claim('test', { passed: 6 })])).toEqual(['advisory B5']);
    expect(judge([claim('mutation', { mutationScoreBp: 9000 }), claim('note', { elegance: 10 })])).toEqual([
      'advisory B5',
      'advisory B5',
    ]);
  });

  it('adds the tests of several gates up', () => {
    const two = [...outcomes, gate('tests', { passed: 3, failed: 0 })];
    const evidence = [claim('test', { passed: 10, failed: 0 })];
    expect(judgeClaims({ evidence, outcomes: two, digests: new Map() })).toEqual([]);
  });

  it('blocks a report with another digest than claimed, advises on one that is not there', () => {
    const of = (path: string, sha256: string) =>
      evidenceSchema.parse({ kind: 'test', claim: 'see', report: { path, sha256 } });
    expect(judge([of('out/r.xml', 'a'.repeat(64))])).toEqual([]);
    expect(judge([of('out/r.xml', 'b'.repeat(64))])).toEqual(['block B5']);
    expect(judge([of('gone.xml', 'b'.repeat(64))])).toEqual(['advisory B5']);
  });
});

const spec: WorkingSpec = {
  dialect: 'C',
  id: 'T-1',
  title: 'a case',
  riskTier: 2,
  mode: 'fix',
  lifecycle: 'active',
  changeBudget: null,
  blastRadius: { modules: ['src'], dataMigration: false },
  scope: { in: ['src'], out: [], support: [] },
  invariants: [],
  acceptance: [{ id: 'A1', given: 'g', when: 'w', then: 't', testCommand: null, testNodeIds: [] }],
  security: [],
  contracts: [{ type: 'api', name: null, path: 'api.yaml' }],
  rollbackSlo: null,
};

describe('judgeRationale (B6)', () => {
  const changed = (...paths: string[]) => ({
    files: paths.map((path): ChangedFile => ({
      status: 'M',
      oldPath: path,
      newPath: path,
      added: 1,
      removed: 1,
      binary: false,
      oldMode: '100644',
      newMode: '100644',
      oldBlob: 'a',
      newBlob: 'b',
      longLineSurplus: 0,
    })),
  });
  const said = (summary: string, ...paths: string[]) =>
    rationaleSchema.parse({
      summary,
      files: paths.map((path) => ({ path, why: 'needed' })),
      acceptance: [{ id: 'A1', met_by: 'x' }],
    });
  const messages = (rationale: ReturnType<typeof said>, ...paths: string[]) => {
    const findings = judgeRationale(rationale, changed(...paths), spec);
    expect(findings.every((one) => one.severity === 'advisory' && one.rule === 'B6')).toBe(true);
    return findings.map((one) => one.message);
  };

  it('has nothing to say of a rationale that fits', () => {
    expect(messages(said('mends the sum; no tests changed, no new dependencies', 'src/a.ts'), 'src/a.ts')).toEqual([]);
    expect(
      messages(said('adds a regression test', 'src/a.ts', 'test/a.test.ts'), 'src/a.ts', 'test/a.test.ts'),
    ).toEqual([]);
  });

  it('names files explained that did not change, and changed ones that are not explained', () => {
    expect(messages(said('x', 'src/b.ts'), 'src/a.ts')).toEqual([
      'the rationale explains src/b.ts, which did not change',
      'the rationale does not explain why src/a.ts changed',
    ]);
    expect(messages(said('x'), 'src/a.ts', 'src/b.ts')).toEqual(['the rationale explains none of the 2 changed files']);
  });

  it.each([
    ['No tests were changed.', 'test/a.test.ts', 'no test was changed'],
    ['The change does not touch any tests', 'src/a.spec.ts', 'no test was changed'],
    ['documentation-only', 'src/a.ts', 'only documentation was changed'],
    ['Adds no new dependencies', 'package.json', 'no dependency was changed'],
    ['Only tests', 'src/a.ts', 'only tests were changed'],
    ['Added unit tests for it', 'src/a.ts', 'no test file changed'],
  ])('holds "%s" against a change of %s', (summary, path, expected) => {
    expect(messages(said(summary, path), path).join()).toContain(expected);
  });

  it('compares acceptance with the spec, where there is one', () => {
    const rationale = rationaleSchema.parse({
      summary: 'x',
      files: [{ path: 'a', why: 'y' }],
      acceptance: [{ id: 'A9', met_by: 'x' }],
    });
    expect(judgeRationale(rationale, changed('a'), spec).map((one) => one.message)).toEqual([
      'the rationale answers A9, which the spec does not have',
      'the rationale does not say how A1 is met',
    ]);
    expect(judgeRationale(rationale, changed('a'), null)).toEqual([]);
  });
});

describe('judgeRequiredGates', () => {
  const configOf = (...kinds: string[]) =>
    arbiterConfigSchema.parse({
      version: 1,
      gates: Object.fromEntries(kinds.map((kind) => [kind, { kind, command: ['x'] }])),
    });
  const missing = (kinds: string[], over: Partial<WorkingSpec> = {}, policy = defaultPolicy) =>
    judgeRequiredGates({ ...spec, ...over }, policy, configOf(...kinds)).map(
      (one) => `${one.severity} ${one.message.split(' mandatory ')[1]}`,
    );

  it('asks every tier for tests and coverage, and tiers 1 and 2 for contracts', () => {
    expect(missing([])).toEqual(['block tests gate', 'waivable coverage gate', 'waivable contracts gate']);
    expect(missing([], { riskTier: 3 })).toEqual(['block tests gate', 'waivable coverage gate']);
    expect(missing([], { mode: 'chore' })).toEqual(['block tests gate', 'waivable coverage gate']);
    expect(missing(['tests', 'coverage', 'contracts'])).toEqual([]);
  });

  it('does not take an optional gate for a required one', () => {
    const config = arbiterConfigSchema.parse({
      version: 1,
      gates: { tests: { kind: 'tests', command: ['x'], mandatory: false } },
    });
    expect(judgeRequiredGates({ ...spec, riskTier: 3 }, defaultPolicy, config).map((one) => one.severity)).toEqual([
      'block',
      'waivable',
    ]);
  });

  it('follows the policy: what it enables is asked for, what it warns of or skips advises, tests stay', () => {
    const gateOf = (mode: 'block' | 'warn' | 'skip', enabled = true) => ({ enabled, mode, thresholds: {} });
    const policy = {
      ...defaultPolicy,
      gates: {
        security_scan: gateOf('block'),
        coverage_threshold: gateOf('warn'),
        contract_compliance: gateOf('block', false),
      },
    };
    expect(missing([], {}, policy)).toEqual([
      'block tests gate',
      'advisory coverage gate',
      'advisory contracts gate',
      'waivable security gate',
    ]);
  });

  it('lets our mutator stand in for JavaScript and TypeScript in tiers 1 and 2', () => {
    expect(mutationSource(spec, configOf('tests'), ['src/a.ts'])).toBe('line-mutator');
    expect(mutationSource(spec, configOf('tests'), ['src/a.py', 'test/a.test.ts'])).toBe('none');
    expect(mutationSource({ riskTier: 3 }, configOf('tests'), ['src/a.ts'])).toBe('none');
    expect(mutationSource(spec, configOf('mutation'), ['src/a.py'])).toBe('tool');
  });
});

describe('judgeExit', () => {
  it.each([
    ['build', 'block'],
    ['tests', 'block'],
    ['security', 'block'],
    ['custom', 'block'],
    ['lint', 'waivable'],
    ['contracts', 'waivable'],
    ['performance', 'waivable'],
  ] as const)('fails a %s gate as %s', (kind, severity) => {
    expect(judgeExit(kind, 0)).toMatchObject({ outcome: 'pass', findings: [], reason: null });
    expect(judgeExit(kind, 3)).toMatchObject({ outcome: 'fail', findings: [{ severity, rule: `gate.${kind}` }] });
    expect(judgeExit(kind, null)).toMatchObject({
      outcome: 'error',
      findings: [{ severity: 'block', rule: 'gate.not-run' }],
    });
  });
});
