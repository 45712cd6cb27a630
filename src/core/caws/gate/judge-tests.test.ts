import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { judgeTests } from './judge-tests.js';
import { judgeBaseTests } from './judge-base-tests.js';
import type { TestCase, TestOutcome } from './report.js';
import type { TestRun } from './test-run.js';

const wire = { name: 'wire', nonce: 'n-1' };
const tripped: TestCase = { id: 'wire', title: 'wire', outcome: 'failed', message: 'Error: n-1', file: null };
const outcomes: readonly TestOutcome[] = ['passed', 'failed', 'skipped', 'error'];

const someTests = fc
  .uniqueArray(fc.record({ name: fc.constantFrom(...'abcdefgh'), outcome: fc.constantFrom(...outcomes) }), {
    selector: (one) => one.name,
  })
  .map((list) =>
    list.map(({ name, outcome }): TestCase => ({ id: name, title: name, outcome, message: null, file: null })),
  );

const runOf = (tests: readonly TestCase[]): TestRun => ({
  report: { tests: [...tests, tripped] },
  exit: 1,
  tripwire: wire,
});

describe('judgeTests', () => {
  test.prop([someTests, someTests])(
    'passes exactly when all that ran passed and all that ran on the base still runs',
    (tests, before) => {
      const judged = judgeTests({ candidate: runOf(tests), base: runOf(before), removedTests: [] });
      const executed = new Set(tests.filter((one) => one.outcome !== 'skipped').map((one) => one.id));
      const allGreen = tests.every((one) => one.outcome === 'passed' || one.outcome === 'skipped');
      const allThere = before.every((one) => one.outcome === 'skipped' || executed.has(one.id));
      expect(judged.outcome).toBe(executed.size > 0 && allGreen && allThere ? 'pass' : 'fail');
      expect(judged.findings.every((one) => one.severity === 'block')).toBe(true);
      const { passed, failed, errors, skipped, tests: all } = judged.metrics;
      expect((passed ?? 0) + (failed ?? 0) + (errors ?? 0) + (skipped ?? 0)).toBe(all);
    },
  );

  test.prop([someTests, someTests])('one more failing test never turns a fail into a pass', (tests, before) => {
    const further: TestCase = { id: 'z', title: 'z', outcome: 'failed', message: null, file: null };
    const judged = judgeTests({ candidate: runOf([...tests, further]), base: runOf(before), removedTests: [] });
    expect(judged.outcome).toBe('fail');
  });

  test.prop([someTests, someTests, fc.constantFrom<TestOutcome | 'gone'>('gone', 'passed', 'skipped')])(
    'a dead tripwire fails any run',
    (tests, before, fate) => {
      const wires = fate === 'gone' ? [] : [{ ...tripped, outcome: fate }];
      const candidate = { ...runOf([]), report: { tests: [...tests, ...wires] } };
      const judged = judgeTests({ candidate, base: runOf(before), removedTests: [] });
      expect(judged.findings.map((one) => one.rule)).toContain('gate.tripwire');
      expect(judged.tripwire).toBe(fate === 'passed' ? 'passed' : 'missing');
    },
  );

  test.prop([someTests, someTests])('the order of the tests says nothing about the outcome', (tests, before) => {
    const one = judgeTests({ candidate: runOf(tests), base: runOf(before), removedTests: [] });
    const other = judgeTests({
      candidate: runOf([...tests].reverse()),
      base: runOf([...before].reverse()),
      removedTests: [],
    });
    expect(other.metrics).toEqual(one.metrics);
    expect(other.outcome).toBe(one.outcome);
  });
});

describe('judgeBaseTests (B1)', () => {
  test.prop([someTests, someTests])('asks for every test that passed on the base, and for no other', (now, before) => {
    const judged = judgeBaseTests({ run: runOf(now), base: { tests: before }, admitted: [] });
    const passing = new Set(now.filter((one) => one.outcome === 'passed').map((one) => one.id));
    const broken = before.filter((one) => one.outcome === 'passed' && !passing.has(one.id));
    expect(judged.findings.map((one) => `${one.severity} ${one.rule}`)).toEqual(broken.map(() => 'waivable B1'));
    const admitted = judgeBaseTests({
      run: runOf(now),
      base: { tests: before },
      admitted: broken.map((one) => one.id),
    });
    expect(admitted.outcome).toBe('pass');
    expect(admitted.metrics.admitted).toBe(broken.length);
  });
});
