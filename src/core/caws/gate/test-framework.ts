/** Test runners for which the Arbiter can plant a tripwire. */
export type TestFramework = 'node' | 'vitest' | 'jest' | 'mocha' | 'pytest' | 'go';

/** What a tests gate's command comes down to. */
export interface TestCommand {
  readonly framework: TestFramework;
  /**
   * True when the command is the runner and nothing else, so that its exit code says only what the tests say. A script
   * of several steps is not: a failing tripwire would hide the steps after it.
   */
  readonly direct: boolean;
}

const scriptDepth = 5;
const frameworks: readonly { readonly framework: TestFramework; readonly words: RegExp }[] = [
  { framework: 'vitest', words: /(^|[\s/])vitest(\.mjs)?(\s|$)/ },
  { framework: 'jest', words: /(^|[\s/])jest(\.js)?(\s|$)|react-scripts\s+test/ },
  { framework: 'mocha', words: /(^|[\s/])_?mocha(\.js)?(\s|$)/ },
  { framework: 'pytest', words: /(^|[\s/])(py\.test|pytest)(\s|$)/ },
  // `go test` alone writes no report that is read; gotestsum runs it and does.
  { framework: 'go', words: /(^|[\s/])gotestsum(@\S+)?(\s|$)/ },
  { framework: 'node', words: /(^|[\s/])(node|tsx)\s+([^|;&]*\s)?--test(\s|$)/ },
];

/**
 * The test runner behind a command of the base's configuration, package scripts followed. Null when it is none that is
 * known: such a gate cannot be shown to be alive.
 */
export function detectTestCommand(
  command: readonly string[],
  scripts: Readonly<Record<string, string>>,
): TestCommand | null {
  const line = command.join(' ');
  const text = followScripts(line, scripts, scriptDepth);
  const found = frameworks.find(({ words }) => words.test(text));
  if (found === undefined) return null;
  // node:test's exit code follows from the same events as its report; others also end red for thresholds, unhandled
  // errors or open handles, which a failing tripwire would hide.
  return { framework: found.framework, direct: found.framework === 'node' && isOneStep(text) };
}

function followScripts(line: string, scripts: Readonly<Record<string, string>>, depth: number): string {
  if (depth === 0) return line;
  const called = scriptNameOf(line, scripts);
  if (called.length === 0) return line;
  return called
    .flatMap((name) => [`pre${name}`, name, `post${name}`])
    .flatMap((name) => (scripts[name] === undefined ? [] : [followScripts(scripts[name], scripts, depth - 1)]))
    .join(' && ');
}

/** Names of the package scripts that a command line calls, in order. */
function scriptNameOf(line: string, scripts: Readonly<Record<string, string>>): readonly string[] {
  const names: string[] = [];
  for (const part of line.split(/&&|\|\||[;|&]/)) {
    const words = part.trim().split(/\s+/);
    const manager = words[0] ?? '';
    if (!/^(npm|pnpm|yarn|bun)$/.test(manager) && !words.includes('--run')) continue;
    const name = words.slice(1).find((word) => !word.startsWith('-') && !/^(run|run-script|exec|x)$/.test(word));
    const script = name === 't' || name === 'tst' ? 'test' : name;
    if (script !== undefined && scripts[script] !== undefined) names.push(script);
  }
  return names;
}

function isOneStep(text: string): boolean {
  return !/[;&|\n]/.test(text.replace(/'[^']*'|"[^"]*"/g, ''));
}
