import { describe, expect, it } from 'vitest';
import { check, deliberate, type Files, honestBase, nodeGate, probe } from './gate-fixture.js';

const run = it.skipIf(!probe.available);
const why = probe.available ? '' : ` (skipped: ${probe.detail})`;
const honestSum = 'export function sum(a, b) {\n  return b + a;\n}\n';
const testFile = (body: string): string =>
  `import test from 'node:test';\nimport assert from 'node:assert';\nimport { sum } from '../src/sum.js';\n${body}`;
const brokenBase: Files = {
  ...honestBase,
  'src/sum.js': 'export function sum(a, b) {\n  return a + b + (a < 0 ? 1 : 0);\n}\n',
};

describe(`tests gates${why}`, () => {
  run('an honest change passes a gate that is shown to be alive, everything recorded', async () => {
    const result = (await deliberate(honestBase, { 'src/sum.js': honestSum })).outcome();
    expect(result).toMatchObject({
      outcome: 'pass',
      tripwire: 'reported',
      executedCount: 1,
      exit: 1,
      baseline: 'pass',
    });
    expect(result.sandbox).toBe('bubblewrap');
    for (const digest of [result.argvSha256, result.toolchainSha256, result.reportSha256])
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(result.endedMs ?? 0).toBeGreaterThanOrEqual(result.startedMs ?? Infinity);
  });

  run('a red test fails', async () => {
    const result = (await deliberate(honestBase, { 'src/sum.js': 'export const sum = (a, b) => a - b;\n' })).outcome();
    expect(result).toMatchObject({ outcome: 'fail', tripwire: 'reported', exit: 1 });
    expect(result.findings[0]).toMatchObject({ rule: 'gate.tests.failed', severity: 'block' });
  });

  run('a test that is gone is missed by its id, unless its removal is admitted', async () => {
    const both = testFile(
      `test('sums', () => assert.equal(sum(1, 2), 3));\ntest('sums zero', () => assert.equal(sum(0, 0), 0));\n`,
    );
    const base = { ...honestBase, 'test/sum.test.js': both };
    const result = (await deliberate(base, { 'test/sum.test.js': honestBase['test/sum.test.js'] ?? null })).outcome();
    expect(result.findings.map((finding) => finding.rule)).toContain('gate.tests.missing-ids');
    const admissions = { 'SUM-1': { removed_tests: ['sums zero'] } };
    const admitted = await deliberate(
      base,
      { 'test/sum.test.js': honestBase['test/sum.test.js'] ?? null },
      { config: { admissions } },
    );
    expect(admitted.outcome().findings.filter((finding) => finding.severity === 'block')).toEqual([]);
  });

  run('B1: an edited expectation is held against the base’s own', async () => {
    const candidate = {
      'src/sum.js': 'export const sum = (a, b) => a - b;\n',
      'test/sum.test.js': testFile(`test('sums', () => assert.equal(sum(1, 2), -1));\n`),
    };
    const result = (await deliberate(honestBase, candidate)).outcome();
    expect(result.findings).toContainEqual(expect.objectContaining({ rule: 'B1', severity: 'waivable' }));
    expect(result.metrics).toMatchObject({ b1Broken: 1 });
  });

  run('B3: a fix brings a test that is red on the base', async () => {
    const fixed = {
      'src/sum.js': honestSum,
      'test/minus.test.js': testFile(`test('sums below zero', () => assert.equal(sum(-1, 2), 1));\n`),
    };
    const proven = (await deliberate(brokenBase, fixed, { spec: { mode: 'fix' } })).outcome();
    expect(proven).toMatchObject({ outcome: 'pass', metrics: { b3FailingOnBase: 1 } });
    const unproven = (await deliberate(brokenBase, { 'src/sum.js': honestSum }, { spec: { mode: 'fix' } })).outcome();
    expect(unproven.findings).toContainEqual(expect.objectContaining({ rule: 'B3', severity: 'waivable' }));
  });

  run('B4: mutants of the changed lines must be noticed in tiers 1 and 2', async () => {
    const grown = (more: string): Files => ({
      'src/max.js': 'export function max(a, b) {\n  if (a > b) {\n    return a;\n  }\n  return b;\n}\n',
      'test/max.test.js': `import test from 'node:test';\nimport assert from 'node:assert';\nimport { max } from '../src/max.js';\n${more}`,
    });
    const sharp = grown(
      `test('max', () => { assert.equal(max(2, 1), 2); assert.equal(max(1, 2), 2); assert.equal(max(1, 1), 1); });\n`,
    );
    const noticed = (await deliberate(honestBase, sharp, { spec: { riskTier: 2 } })).outcome('arbiter-mutants');
    expect(noticed.metrics['mutants']).toBeGreaterThan(0);
    expect(noticed.outcome).toBe('pass');
    const dull = (
      await deliberate(honestBase, grown(`test('max', () => { max(2, 1); });\n`), { spec: { riskTier: 2 } })
    ).outcome('arbiter-mutants');
    expect(dull).toMatchObject({ outcome: 'fail', kind: 'mutation' });
    expect(dull.findings[0]).toMatchObject({ rule: 'B4', severity: 'waivable' });
    const third = await deliberate(honestBase, sharp);
    expect(third.outcomes.map((outcome) => outcome.name)).toEqual(['tests']);
  });

  run('a base without tests: the first tests are judged by themselves', async () => {
    const bare: Files = { ...honestBase, 'test/sum.test.js': null };
    const result = (await deliberate(bare, { 'test/sum.test.js': honestBase['test/sum.test.js'] ?? null })).outcome();
    expect(result).toMatchObject({ outcome: 'pass', executedCount: 1, tripwire: 'reported' });
  });

  run('CommonJS, a package script and files named one by one are run with tripwires too', async () => {
    const base: Files = {
      'package.json':
        '{"scripts":{"test":"node --test --test-reporter=junit --test-reporter-destination=$ARBITER_OUT test/sum.test.js"}}',
      'src/sum.js': 'exports.sum = (a, b) => a + b;\n',
      'test/sum.test.js': `const test = require('node:test');\nconst assert = require('node:assert');\nconst { sum } = require('../src/sum.js');\ntest('sums', () => assert.equal(sum(1, 2), 3));\n`,
    };
    const change = { 'src/sum.js': 'exports.sum = (a, b) => b + a;\n' };
    const script = {
      ...nodeGate,
      command: ['npm', 'test'],
      reports: [{ format: 'junit', path: 'out.xml' }],
      env: { ARBITER_OUT: 'out.xml' },
    };
    expect((await deliberate(base, change, { gates: { tests: script } })).outcome()).toMatchObject({
      outcome: 'pass',
      tripwire: 'reported',
    });
    const named = { ...nodeGate, command: [...nodeGate.command, 'test/sum.test.js'] };
    expect((await deliberate(base, change, { gates: { tests: named } })).outcome()).toMatchObject({
      outcome: 'pass',
      tripwire: 'reported',
    });
  });

  run('a script of two steps must end green without a tripwire', async () => {
    const script = (second: string): Files => ({
      ...honestBase,
      'package.json': `{"type":"module","scripts":{"test":"node --test --test-reporter=junit --test-reporter-destination=out.xml && ${second}"}}`,
      'second.js': '',
    });
    const gates = { tests: { ...nodeGate, command: ['npm', 'test'], reports: [{ format: 'junit', path: 'out.xml' }] } };
    const change = { 'src/sum.js': honestSum };
    expect((await deliberate(script('node second.js'), change, { gates })).outcome().outcome).toBe('pass');
    const red = (
      await deliberate(script('node second.js'), { ...change, 'second.js': 'process.exitCode = 3;' }, { gates })
    ).outcome();
    expect(red).toMatchObject({ outcome: 'fail' });
    expect(red.findings[0]).toMatchObject({ rule: 'gate.tests.exit', severity: 'block' });
  });

  run('an unknown runner is not run', async () => {
    const gates = { tests: { ...nodeGate, command: ['make', 'test'] } };
    const result = (await deliberate(honestBase, { 'src/sum.js': honestSum }, { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'not_run', reason: expect.stringContaining('tripwire') });
  });

  run('without a sandbox it runs when the configuration says so, and says what it ran in', async () => {
    const result = (
      await deliberate(honestBase, { 'src/sum.js': honestSum }, { config: { sandbox: 'none' } })
    ).outcome();
    expect(result).toMatchObject({ outcome: 'pass', sandbox: 'none', tripwire: 'reported' });
  });

  run('an abort ends the deliberation within two seconds', async () => {
    const abort = new AbortController();
    const slow = {
      ...honestBase,
      'test/slow.test.js': `import test from 'node:test';\ntest('slow', () => new Promise((r) => setTimeout(r, 20000)));\n`,
    };
    let abortedMs = 0;
    setTimeout(() => {
      abortedMs = performance.now();
      abort.abort();
    }, 1500);
    await expect(deliberate(slow, { 'src/sum.js': honestSum }, { signal: abort.signal })).rejects.toThrow(/abort/i);
    expect(performance.now() - abortedMs).toBeLessThan(2000);
  });
});

describe(`what belongs to the base${why}`, () => {
  run('package scripts and runner configuration of the candidate have no say', async () => {
    const base: Files = {
      ...honestBase,
      'package.json':
        '{"type":"module","scripts":{"test":"node --test --test-reporter=junit --test-reporter-destination=out.xml"}}',
    };
    const gates = { tests: { ...nodeGate, command: ['npm', 'test'], reports: [{ format: 'junit', path: 'out.xml' }] } };
    const candidate = {
      'package.json': '{"type":"module","version":"2.0.0","scripts":{"test":"cp forged.xml out.xml"}}',
      'forged.xml': '<testsuites><testcase name="sums"/></testsuites>',
      '.npmrc': 'script-shell=/bin/false\n',
      'src/sum.js': honestSum,
    };
    const result = (await deliberate(base, candidate, { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'pass', executedCount: 1 });
    const note = result.findings.find((finding) => finding.rule === 'gate.base-files');
    expect(note?.message).toContain('.npmrc');
    expect(note?.message).toContain('package.json (scripts)');
  });

  run('a folder that became a link to the host is not written through', async () => {
    const base: Files = { ...honestBase, 'part/package.json': '{"scripts":{"x":"1"}}', 'part/a.js': '' };
    const candidate: Files = { part: { link: '/tmp' }, 'src/sum.js': honestSum };
    const result = (await deliberate(base, candidate)).outcome();
    expect(result.outcome).toBe('pass');
    expect(await import('node:fs').then((fs) => fs.existsSync('/tmp/package.json'))).toBe(false);
  });
});

describe(`other gates${why}`, () => {
  const lcov = {
    kind: 'coverage',
    command: [
      'node',
      '--test',
      '--experimental-test-coverage',
      '--test-reporter=lcov',
      '--test-reporter-destination={report}',
    ],
    reports: [{ format: 'lcov' }],
  };
  const build = { kind: 'build', command: ['node', '--check', 'src/sum.js'] };
  const gates = { build, tests: nodeGate, coverage: lcov };

  run('build, tests and coverage in the order of the configuration', async () => {
    const result = await deliberate(honestBase, { 'src/sum.js': honestSum }, { gates });
    expect(result.outcomes.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['build', 'pass'],
      ['tests', 'pass'],
      ['coverage', 'pass'],
    ]);
    expect(result.outcome('coverage').metrics).toMatchObject({ branchCoverageBp: 10_000 });
  });

  run('a build that is red on the candidate alone, and one that was red on the base', async () => {
    const red = (await deliberate(honestBase, { 'src/sum.js': 'export function (' }, { gates: { build } })).outcome(
      'build',
    );
    expect(red).toMatchObject({ outcome: 'fail', baseline: 'pass' });
    const before = { ...honestBase, 'src/sum.js': 'export function (' };
    const still = (await deliberate(before, { 'src/sum.js': 'export const (' }, { gates: { build } })).outcome('build');
    expect(still).toMatchObject({ outcome: 'fail', baseline: 'fail' });
  });

  run('gates of one package of many, whose tools see paths from its folder', async () => {
    const base: Files = Object.fromEntries(
      Object.entries(honestBase).map(([path, text]) => [`packages/a/${path}`, text]),
    );
    const cwd = 'packages/a';
    const inside = { tests: { ...nodeGate, cwd }, coverage: { ...lcov, cwd } };
    const result = await deliberate(base, { 'packages/a/src/sum.js': honestSum }, { gates: inside });
    expect(result.outcome()).toMatchObject({ outcome: 'pass', tripwire: 'reported' });
    expect(result.outcome('coverage')).toMatchObject({ outcome: 'pass', metrics: { filesWithoutCoverage: 0 } });
    const gone: Files = Object.fromEntries(Object.keys(base).map((path) => [path, null]));
    const lost = await deliberate(base, { ...gone, 'README.md': 'gone' }, { gates: inside });
    expect(lost.outcomes.map(({ outcome }) => outcome)).not.toContain('pass');
  });

  run('coverage of changed lines that no test runs', async () => {
    const more =
      'export function sum(a, b) {\n  return a + b;\n}\nexport function other(a) {\n  if (a > 1) {\n    return 1;\n  }\n  return a === 0 ? 4 : 5;\n}\n';
    const result = (await deliberate(honestBase, { 'src/sum.js': more }, { gates })).outcome('coverage');
    expect(result.outcome).toBe('fail');
    expect(result.findings[0]).toMatchObject({ rule: 'gate.coverage', severity: 'waivable' });
  });

  run('`gates check` finds the live ones alive and the dead ones dead', async () => {
    const dead = { ...nodeGate, command: ['node', '-e', '0', 'node', '--test'] };
    const all = {
      ...gates,
      'dead-tests': dead,
      'dead-build': { kind: 'build', command: ['true'] },
      own: { kind: 'custom', command: ['true'] },
    };
    const found = await check(honestBase, all);
    expect(found.map(({ name, life }) => [name, life])).toEqual([
      ['build', 'alive'],
      ['tests', 'alive'],
      ['coverage', 'alive'],
      ['dead-tests', 'dead'],
      ['dead-build', 'dead'],
      ['own', 'unchecked'],
    ]);
    expect(found.at(-1)?.detail).toContain('knows no change that every custom gate must refuse');
  });
});
