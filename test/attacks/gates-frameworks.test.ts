import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deliberate, type Files, probe } from './gate-fixture.js';

const modules = resolve(import.meta.dirname, '../../node_modules');
const hasVitest = existsSync(modules);
const hasPytest = ((): boolean => {
  try {
    execFileSync('python3', ['-c', 'import pytest'], { stdio: 'ignore', cwd: '/' });
    return probe.available;
  } catch {
    return false;
  }
})();

// Our own packages stand behind a link, which only a run without a sandbox can follow.
describe('vitest, without a sandbox', () => {
  const base: Files = {
    'package.json': '{"type":"module"}',
    node_modules: { link: modules },
    'src/sum.ts': 'export const sum = (a: number, b: number): number => a + b;\n',
    'src/sum.test.ts': `import { expect, test } from 'vitest';\nimport { sum } from './sum.js';\ntest('sums', () => {\n  expect(sum(1, 2)).toBe(3);\n});\n`,
  };
  const command = ['node', 'node_modules/vitest/vitest.mjs', 'run', '--reporter=junit', '--outputFile=out/junit.xml'];
  const gates = { tests: { kind: 'tests', command, reports: [{ format: 'junit', path: 'out/junit.xml' }] } };
  const config = { sandbox: 'none' };

  it.skipIf(!hasVitest)('runs with tripwires, TypeScript and all', async () => {
    const change = { 'src/sum.ts': 'export const sum = (a: number, b: number): number => b + a;\n' };
    const result = (await deliberate(base, change, { gates, config })).outcome();
    expect(result).toMatchObject({ outcome: 'pass', tripwire: 'reported', executedCount: 1, sandbox: 'none' });
  });

  it.skipIf(!hasVitest)('is dead when product code silences expect', async () => {
    const silence = `const { expect } = await import('vitest');
const proto = Object.getPrototypeOf(expect(1));
for (const name of ['toBe', 'toEqual']) Object.defineProperty(proto, name, { configurable: true, get: () => () => {} });
export const sum = (a: number, b: number): number => a - b;
`;
    const result = (await deliberate(base, { 'src/sum.ts': silence }, { gates, config })).outcome();
    expect(result.outcome).not.toBe('pass');
    expect(result.tripwire).not.toBe('reported');
  });
});

describe(hasPytest ? 'pytest' : 'pytest (skipped: no pytest, or no sandbox)', () => {
  const base: Files = {
    'calc/__init__.py': '',
    'calc/sum.py': 'def add(a, b):\n    return a + b\n',
    'tests/test_sum.py': 'from calc.sum import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n',
  };
  const command = ['python3', '-m', 'pytest', '-q', '--junitxml={report}'];
  const gates = { tests: { kind: 'tests', command, reports: [{ format: 'junit' }] } };

  it.skipIf(!hasPytest)('runs with tripwires', async () => {
    const change = { 'calc/sum.py': 'def add(a, b):\n    return b + a\n' };
    const result = (await deliberate(base, change, { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'pass', tripwire: 'reported', executedCount: 1 });
  });

  it.skipIf(!hasPytest)('is dead when product code ends the process, or calls every report passed', async () => {
    const ends = 'import os\n\ngetattr(os, "_ex" + "it")(0)\n';
    const ended = (await deliberate(base, { 'calc/sum.py': ends }, { gates })).outcome();
    expect(ended).toMatchObject({ outcome: 'error', tripwire: 'missing' });
    const patch = `import _pytest.reports as reports

made = reports.TestReport.from_item_and_call.__func__


def passed(cls, item, call):
    report = made(cls, item, call)
    report.outcome, report.longrepr = "passed", None
    return report


reports.TestReport.from_item_and_call = classmethod(passed)


def add(a, b):
    return a - b
`;
    const patched = (await deliberate(base, { 'calc/sum.py': patch }, { gates })).outcome();
    expect(patched).toMatchObject({ outcome: 'fail', tripwire: 'passed' });
  });
});
