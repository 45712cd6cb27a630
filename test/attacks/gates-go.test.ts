import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { detectStack } from '../../src/core/caws/detect-stack.js';
import { check, deliberate, type Files, probe } from './gate-fixture.js';

const missing = ((): string | null => {
  if (!probe.available) return 'no sandbox';
  for (const [program = '', ...args] of [
    ['go', 'version'],
    ['gotestsum', '--version'],
  ]) {
    try {
      execFileSync(program, args, { stdio: 'ignore', cwd: '/' });
    } catch {
      return `${program} is missing`;
    }
  }
  return null;
})();

const facts = { names: ['go.mod'], packageJson: null, pyproject: null, makefile: null };
const gates = { tests: { ...detectStack(facts)?.gates['tests'], timeoutSeconds: 120 } };

// Two packages, with an external test package, a helper without tests, and a file behind a build tag.
const base: Files = {
  'go.mod': 'module example.org/sum\n\ngo 1.19\n',
  'main.go': 'package main\n\nimport "example.org/sum/calc"\n\nfunc main() { println(calc.Add(1, 2)) }\n',
  'main_test.go': 'package main\n\nimport . "testing"\n\nfunc TestMainRuns(t *T) { main() }\n',
  'calc/add.go': 'package calc\n\nfunc Add(a, b int) int { return a + b }\n',
  'calc/add_test.go': `// Sums.
package calc_test

import (
	"testing"

	"example.org/sum/calc"
)

func TestAdd(t *testing.T) {
	t.Run("small", func(t *testing.T) {
		if calc.Add(1, 2) != 3 {
			t.Fatal("no sum")
		}
	})
}
`,
  'calc/help_test.go': 'package calc\n\nvar helper = Add(1, 1)\n',
  'calc/slow_test.go':
    '//go:build integration\n\npackage calc\n\nimport "testing"\n\nfunc TestSlow(t *testing.T) { t.Fatal("no") }\n',
};
const ids = (findings: readonly { rule: string }[]): readonly string[] => findings.map(({ rule }) => rule);
const add = (body: string): Files => ({ 'calc/add.go': body });

describe(missing === null ? 'go, through gotestsum' : `go (skipped: ${missing})`, () => {
  it.skipIf(missing !== null)('passes an honest change, with tripwires', async () => {
    const change = add('package calc\n\nfunc Add(a, b int) int { return b + a }\n');
    const result = (await deliberate(base, change, { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'pass', tripwire: 'reported', executedCount: 3, sandbox: 'bubblewrap' });
  });

  it.skipIf(missing !== null)('passes a change that brings a test', async () => {
    const change = {
      'calc/twice.go': 'package calc\n\nfunc Twice(a int) int { return 2 * a }\n',
      'calc/twice_test.go':
        'package calc\n\nimport "testing"\n\nfunc TestTwice(t *testing.T) {\n\tif Twice(2) != 4 {\n\t\tt.Fatal("no")\n\t}\n}\n',
    };
    const result = (await deliberate(base, change, { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'pass', tripwire: 'reported', executedCount: 4 });
  });

  it.skipIf(missing !== null)('fails a red test, and code that does not compile', async () => {
    const red = await deliberate(base, add('package calc\n\nfunc Add(a, b int) int { return a - b }\n'), { gates });
    expect(red.outcome()).toMatchObject({ outcome: 'fail', tripwire: 'reported' });
    expect(JSON.stringify(red.outcome().findings)).toContain('TestAdd/small');
    const broken = await deliberate(base, add('package calc\n\nfunc Add(a, b int) int { return }\n'), { gates });
    expect(broken.outcome().outcome).not.toBe('pass');
  });

  it.skipIf(missing !== null)('catches an end of the process in init, also after forged lines', async () => {
    const forged = '=== RUN   TestAdd\\n--- PASS: TestAdd (0.00s)\\n    --- PASS: TestAdd/small (0.00s)\\nPASS\\n';
    for (const call of ['os.Exit(0)', `os.Stdout.WriteString("${forged}"); os.Exit(0)`]) {
      const ends = `package calc\n\nimport "os"\n\nfunc init() { ${call} }\n\nfunc Add(a, b int) int { return a - b }\n`;
      const result = (await deliberate(base, add(ends), { gates })).outcome();
      expect(result).toMatchObject({ outcome: 'fail', tripwire: 'missing' });
    }
  });

  it.skipIf(missing !== null)('catches arguments that choose only the known test', async () => {
    const chooses = `package calc

import "os"

func init() { os.Args = append(os.Args, "-test.run=^(TestMainRuns|TestAdd)$") }

func Add(a, b int) int { return b + a }
`;
    const result = (await deliberate(base, add(chooses), { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'fail', tripwire: 'missing' });
  });

  it.skipIf(missing !== null)('catches a TestMain that runs nothing, or ends with 0 whatever was red', async () => {
    const testMain = (body: string): Files => ({
      'calc/main_test.go': `package calc\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) {\n${body}\n}\n`,
    });
    const silent = (await deliberate(base, testMain('\tos.Exit(0)'), { gates })).outcome();
    expect(silent).toMatchObject({ outcome: 'fail', tripwire: 'missing' });
    const liar = testMain('\tm.Run()\n\tos.Exit(0)');
    const red = { ...liar, ...add('package calc\n\nfunc Add(a, b int) int { return a - b }\n') };
    expect((await deliberate(base, red, { gates })).outcome().outcome).toBe('fail');
  });

  it.skipIf(missing !== null)('fails where no test is left, and where there never was one', async () => {
    const gone = { 'main_test.go': null, 'calc/add_test.go': null, 'calc/help_test.go': null };
    const result = (await deliberate(base, gone, { gates })).outcome();
    expect(result.outcome).toBe('fail');
    expect(ids(result.findings)).toContain('gate.tests.zero');
    const bare = { 'go.mod': 'module example.org/a\n', 'a.go': 'package a\n' };
    const never = (await deliberate(bare, { 'a.go': 'package a\n\nvar A = 1\n' }, { gates })).outcome();
    expect(never.outcome).not.toBe('pass');
  });

  it.skipIf(missing !== null)('runs vendored modules, and says which ones are not', async () => {
    const vendored: Files = {
      'go.mod': 'module example.org/a\n\ngo 1.19\n\nrequire example.org/one v1.0.0\n',
      'go.sum': '',
      'a.go': 'package a\n\nimport "example.org/one"\n\nvar A = one.One\n',
      'a_test.go':
        'package a\n\nimport "testing"\n\nfunc TestA(t *testing.T) {\n\tif A != 1 {\n\t\tt.Fatal("no")\n\t}\n}\n',
      'vendor/modules.txt': '# example.org/one v1.0.0\n## explicit; go 1.19\nexample.org/one\n',
      'vendor/example.org/one/one.go': 'package one\n\nconst One = 1\n',
    };
    const change = { 'a.go': 'package a\n\nimport "example.org/one"\n\nvar A = 2 - one.One\n' };
    const result = (await deliberate(vendored, change, { gates })).outcome();
    expect(result).toMatchObject({ outcome: 'pass', tripwire: 'reported', executedCount: 1 });
    const bare = { ...vendored, 'vendor/modules.txt': null, 'vendor/example.org/one/one.go': null };
    const refused = (await deliberate(bare, change, { gates })).outcome();
    expect(refused.outcome).toBe('not_run');
    expect(JSON.stringify(refused.findings)).toContain('not vendored, and gates have no network: example.org/one');
  });

  it.skipIf(missing !== null)('is shown to be alive by gates check', async () => {
    expect(await check(base, gates)).toMatchObject([{ name: 'tests', life: 'alive' }]);
  });
});
