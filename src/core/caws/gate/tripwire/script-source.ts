import type { TestFramework } from '../test-framework.js';
import type { ModuleKind, TripwireTest, TripwireWay } from './tripwire-test.js';

// A module that holds the process open (a server that listens on import) must not hang the run.
const lingerMs = 3000;

/** Text of a tripwire in JavaScript that is also TypeScript. `modules` are relative to the file itself. */
export function scriptSource(
  framework: TestFramework,
  kind: ModuleKind,
  tests: readonly TripwireTest[],
  modules: readonly string[],
): string {
  return [
    ...headOf(framework, kind),
    // Parsed, so that an empty list has a type where tests are compiled before they run.
    `const modules = JSON.parse(${JSON.stringify(JSON.stringify(modules))});`,
    "const failures = [''].slice(1);",
    'const loaded = (async () => {',
    '  for (const name of modules) {',
    '    try {',
    `      ${loadOf(framework, kind)}`,
    '    } catch (error) {',
    "      failures.push(name + ': ' + String(error).slice(0, 200));",
    '    }',
    '  }',
    '})();',
    ...endingOf(framework, tests),
    ...tests.flatMap((test) => testOf(framework, test)),
    '',
  ].join('\n');
}

/**
 * Text to put at the end of a test file that is there already. Imports bear a word that no other name in the file has,
 * and the rest stands in a block of its own.
 */
export function scriptAddition(
  framework: TestFramework,
  kind: ModuleKind,
  tests: readonly TripwireTest[],
  word: string,
): string {
  return [
    ...importsOf(framework, kind, word),
    '{',
    ...namesOf(framework, word),
    ...tests.flatMap((test) => [
      `  test(${JSON.stringify(test.title)}, async () => {`,
      `    ${failureOf(framework, test.way, JSON.stringify(`${test.nonce} planted`))}`,
      '  });',
    ]),
    '}',
    '',
  ].join('\n');
}

function importsOf(framework: TestFramework, kind: ModuleKind, word: string): readonly string[] {
  if (framework === 'vitest') return [`import { expect as ${word}Expect, test as ${word}Test } from 'vitest';`];
  if (framework === 'jest') return [];
  const wanted = framework === 'node' ? [['Test', 'node:test']] : [];
  const all = [...wanted, ['Assert', 'node:assert'], ['Strict', 'node:assert/strict']];
  return all.map(([name, module]) =>
    kind === 'commonjs' ? `const ${word}${name} = require('${module}');` : `import ${word}${name} from '${module}';`,
  );
}

function namesOf(framework: TestFramework, word: string): readonly string[] {
  if (framework === 'vitest') return [`  const test = ${word}Test;`, `  const expect = ${word}Expect;`];
  if (framework === 'jest') return [];
  const test = framework === 'node' ? `${word}Test` : 'it';
  return [`  const test = ${test};`, `  const assert = ${word}Assert;`, `  const strict = ${word}Strict;`];
}

function headOf(framework: TestFramework, kind: ModuleKind): readonly string[] {
  if (framework === 'vitest') return ["import { expect, test } from 'vitest';", "import assert from 'node:assert';"];
  if (framework === 'jest') return [];
  if (kind === 'commonjs') {
    return [
      ...(framework === 'node' ? ["const test = require('node:test');"] : ['const test = it;']),
      "const assert = require('node:assert');",
      "const strict = require('node:assert/strict');",
    ];
  }
  return [
    ...(framework === 'node' ? ["import test from 'node:test';"] : ['const test = it;']),
    "import assert from 'node:assert';",
    "import strict from 'node:assert/strict';",
  ];
}

// Compiled tests stand beside compiled modules: a TypeScript name is then the name of the JavaScript made of it.
function loadOf(framework: TestFramework, kind: ModuleKind): string {
  const url = "new URL(import.meta.url).pathname.endsWith('.js') ? name.replace(/\\.([cm]?)tsx?$/, '.$1js') : name";
  if (framework === 'vitest') return 'await import(/* @vite-ignore */ name);';
  if (framework === 'jest') return "typeof require === 'function' ? require(name) : await import(name);";
  return kind === 'commonjs' ? 'await import(name);' : `await import(${url});`;
}

function testOf(framework: TestFramework, test: TripwireTest): readonly string[] {
  const note = `${JSON.stringify(`${test.nonce} `)} + (failures.length === 0 ? 'all loaded' : 'not loaded: ' + failures.join('; '))`;
  const failure = failureOf(framework, test.way, note);
  return [
    `test(${JSON.stringify(test.title)}, async () => {`,
    '  await loaded;',
    ...(framework === 'node'
      ? ['  try {', `    ${failure}`, '  } finally {', '    ended();', '  }']
      : [`  ${failure}`]),
    '});',
  ];
}

function failureOf(framework: TestFramework, way: TripwireWay, note: string): string {
  const expects = framework === 'vitest' || framework === 'jest';
  switch (way) {
    case 'throw':
      return `throw new Error(${note});`;
    case 'assert':
      return expects ? `expect(${note}).toBe('');` : `assert.equal(1, 2, ${note});`;
    case 'strict':
      return expects ? `expect(${note}).toEqual('');` : `strict.deepEqual({ a: 1 }, { a: 2 }, ${note});`;
    case 'rejection':
      return expects
        ? `await expect(Promise.resolve(${note})).resolves.toBe('');`
        : `await assert.rejects(Promise.resolve(), undefined, ${note});`;
  }
}

/** Only node:test gives each file a process of its own, which may be ended once the last test is over. */
function endingOf(framework: TestFramework, tests: readonly TripwireTest[]): readonly string[] {
  if (framework !== 'node') return [];
  return [
    "process.on('exit', () => {",
    '  process.exitCode = 1;',
    '});',
    `let left = ${tests.length};`,
    'const ended = () => {',
    '  left -= 1;',
    `  if (left === 0) setTimeout(() => process.exit(1), ${lingerMs}).unref();`,
    '};',
  ];
}
