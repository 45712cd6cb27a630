import type { TripwireTest, TripwireWay } from './tripwire-test.js';

// What may stand before and inside a package clause: white space and comments.
const gap = String.raw`(?:\s|//[^\n]*\n|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)`;
const packageClause = new RegExp(String.raw`^${gap}*package${gap}+([\p{L}_][\p{L}\p{Nd}_]*)`, 'u');
const buildConstraint = /^\/\/(go:build\s|\s*\+build\s)/m;

/** Name that a Go file's package clause gives, null when the text has none. */
export function goPackageOf(text: string): string | null {
  return packageClause.exec(text)?.[1] ?? null;
}

/** True when the file is compiled only under certain build tags. */
export function hasBuildConstraint(text: string): boolean {
  return buildConstraint.test(text.slice(0, packageClause.exec(text)?.[0].length ?? 0));
}

/** Text of a tripwire for `go test`: it is linked with the package it stands in, and so imports nothing of it. */
export function goSource(packageName: string, tests: readonly TripwireTest[], word: string): string {
  return `package ${packageName}\n\nimport ${word} "testing"\n\n${testsIn(tests, word)}`;
}

/**
 * A test file with tests at its end. `testing` is imported once more under a name of our own, on the line of the
 * package clause, so that every other line keeps its number. Null when the text has no package clause.
 */
export function goAddition(text: string, tests: readonly TripwireTest[], word: string): string | null {
  const clause = packageClause.exec(text)?.[0];
  if (clause === undefined) return null;
  return `${clause}; import ${word} "testing"${text.slice(clause.length)}\n\n${testsIn(tests, word)}`;
}

function testsIn(tests: readonly TripwireTest[], word: string): string {
  return tests
    .map(({ title, way, nonce }) => `func ${title}(t *${word}.T) {\n\t${failureOf(way, `"${nonce} planted"`)}\n}\n`)
    .join('\n');
}

// None panics and none has subtests: a panic would end the package's other tests, a subtest would be reported apart.
function failureOf(way: TripwireWay, note: string): string {
  switch (way) {
    case 'throw':
      return `t.Fatal(${note})`;
    case 'assert':
      return `t.Errorf("%s", ${note})`;
    case 'strict':
      return `t.Log(${note})\n\tt.Fail()`;
    case 'rejection':
      return `t.Cleanup(func() { t.Error(${note}) })`;
  }
}
