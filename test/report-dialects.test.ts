import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { parseReport } from '../src/adapters/reports/parse-report.js';
import type { ReportFormat } from '../src/core/caws/arbiter-config.js';

// The real tools write the reports here, in two checkouts at different paths: ids must be the same in both.
const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
const made: string[] = [];
const hasPytest = spawnSync('python3', ['-m', 'pytest', '--version']).status === 0;

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

function checkout(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'arbiter-dialect-'));
  made.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  symlinkSync(modules, join(folder, 'node_modules'));
  return folder;
}

function run(folder: string, argv: readonly string[]): number | null {
  const [command = '', ...rest] = argv;
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, VITEST: _vitest, ...env } = process.env;
  return spawnSync(command, rest, { cwd: folder, env: { ...env, CI: 'true' }, encoding: 'utf8' }).status;
}

function testsIn(folder: string, path: string): string[] {
  const { report } = read(folder, path, 'junit');
  return 'tests' in report ? report.tests.map((test) => `${test.outcome} ${test.id}`) : [];
}

function read(folder: string, path: string, format: ReportFormat) {
  return parseReport(format, readFileSync(join(folder, path)), { root: folder });
}

const nodeFiles = {
  'package.json': '{"type": "module"}',
  'src/sum.js': 'export function sum(a, b) {\n  if (a > 10) return 0;\n  return a + b;\n}\n',
  'test/sum.test.js': `import test, { describe, it } from 'node:test';
import assert from 'node:assert';
import { sum } from '../src/sum.js';
describe('sum', () => {
  it('adds <&> up', () => assert.equal(sum(1, 2), 3));
  it('fails', () => assert.equal(sum(1, 2), 4));
  it.skip('skips', () => {});
  describe('inner', () => { it('same', () => {}); it('same', () => {}); });
});
test('parent fails by itself', async (t) => { await t.test('child', () => {}); throw new Error('late'); });
test('todo', { todo: true }, () => { throw new Error('later'); });
`,
  'test/broken.test.js': "throw new Error('does not load');\n",
};

// Node 20 escapes a double quote in a title twice: the id then holds `&quot;`, the same on base and candidate.
it('node:test, its JUnit and its lcov', () => {
  const argv = [
    process.execPath,
    '--test',
    '--experimental-test-coverage',
    '--test-reporter=junit',
    '--test-reporter-destination=j.xml',
    '--test-reporter=lcov',
    '--test-reporter-destination=l.info',
    'test/',
  ];
  const folders = [checkout(nodeFiles), checkout(nodeFiles)];
  for (const folder of folders) {
    expect(run(folder, argv)).toBe(1);
    expect(testsIn(folder, 'j.xml')).toEqual([
      'failed test/broken.test.js',
      'passed sum > adds <&> up',
      'failed sum > fails',
      'skipped sum > skips',
      'passed sum > inner > same',
      'passed sum > inner > same #2',
      'passed parent fails by itself > child',
      'skipped todo',
      'error (failed, not listed)',
    ]);
    const { report } = read(folder, 'l.info', 'lcov');
    const file = 'files' in report ? report.files.find((one) => one.path === 'src/sum.js') : undefined;
    expect([...(file?.lines.keys() ?? [])]).toEqual([1, 2, 3, 4]);
    expect(file?.branches.length).toBeGreaterThan(1);
  }
});

it('vitest, its JUnit and its three kinds of coverage', () => {
  const files = {
    'package.json': '{"type": "module"}',
    'src/sum.js': nodeFiles['src/sum.js'],
    'test/sum.test.js': `import { describe, expect, it } from 'vitest';
import { sum } from '../src/sum.js';
describe('sum', () => {
  it('adds <&"> up', () => expect(sum(1, 2)).toBe(3));
  it('fails', () => expect(sum(1, 2)).toBe(4));
  it.skip('skips', () => {});
  it.each([1, 2])('each %i', () => {});
});
`,
  };
  const folder = checkout(files);
  const coverage = ['lcovonly', 'json', 'cobertura'].map((name) => `--coverage.reporter=${name}`);
  run(folder, [
    process.execPath,
    join(modules, 'vitest/vitest.mjs'),
    'run',
    '--reporter=junit',
    '--outputFile=j.xml',
    '--coverage',
    '--coverage.reportOnFailure',
    ...coverage,
  ]);
  expect(testsIn(folder, 'j.xml')).toEqual([
    'passed test/sum.test.js::sum > adds <&"> up',
    'failed test/sum.test.js::sum > fails',
    'skipped test/sum.test.js::sum > skips',
    'passed test/sum.test.js::sum > each 1',
    'passed test/sum.test.js::sum > each 2',
  ]);
  const known = (path: string, format: ReportFormat) => {
    const { report } = read(folder, path, format);
    return 'files' in report
      ? report.files.map((file) => ({
          path: file.path,
          lines: [...file.lines],
          taken: file.branches.filter((one) => one.taken > 0).length,
          of: file.branches.length,
        }))
      : [];
  };
  const lcov = known('coverage/lcov.info', 'lcov');
  expect(lcov.map((file) => file.path)).toEqual(['src/sum.js']);
  expect(known('coverage/coverage-final.json', 'istanbul')).toEqual(lcov);
  expect(known('coverage/cobertura-coverage.xml', 'cobertura')).toEqual(lcov);
}, 60_000);

it.skipIf(!hasPytest)(`pytest, its JUnit${hasPytest ? '' : ' (skipped: no pytest)'}`, () => {
  const text = `import pytest
def test_ok(): pass
def test_bad(): assert 1 == 2, "a & <b>"
@pytest.mark.skip(reason="no")
def test_skipped(): pass
@pytest.mark.parametrize("a", [1, "x/y"])
def test_each(a): pass
class TestMore:
    def test_in(self): pass
@pytest.fixture
def torn():
    yield
    raise RuntimeError("down")
def test_torn(torn): assert False
`;
  const folder = checkout({ 'tests/test_sum.py': text });
  expect(run(folder, ['python3', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--junitxml=j.xml'])).toBe(1);
  expect(testsIn(folder, 'j.xml')).toEqual([
    'passed tests.test_sum > test_ok',
    'failed tests.test_sum > test_bad',
    'skipped tests.test_sum > test_skipped',
    'passed tests.test_sum > test_each[1]',
    'passed tests.test_sum > test_each[x/y]',
    'passed tests.test_sum.TestMore > test_in',
    'failed tests.test_sum > test_torn',
  ]);
});
