import { lineWith, type Loosening } from './check-config.js';

const swallowed =
  /\|\|\s*(true|:|exit 0|echo\b|\(exit 0\)|node -e|printf\b)|;\s*(true|exit 0|:)\s*$|&\s*exit 0|\|\s*(tee|cat)\b|set \+e|2>&1\s*;\s*true/;
const nothing = /^\s*(echo\b[^&|;]*|true|:|exit 0|node -e ["']{1,2}\s*["']{1,2}|cd \.)\s*$/;
const checking = /test|lint|check|cover|verif|valid|ci\b|types?\b|mutation|audit|spec|build/i;
const runsChecks =
  /\b(pytest|vitest|jest|mocha|ava|tap|node --test|npm (run )?(test|lint)|yarn (test|lint)|pnpm (test|lint)|eslint|tsc|mypy|ruff|flake8|go test|cargo test|tox|nox|coverage|stryker|unittest)\b/;

/** Scripts of a manifest, or lines of a Makefile, that can no longer fail. */
export function loosenedCommands(before: string, after: string, path: string): readonly Loosening[] {
  if (/package\.json$/.test(path)) return loosenedScripts(before, after);
  const old = before.split('\n').map((line) => line.trim());
  return after.split('\n').flatMap((line, index) => {
    const ignores = runsChecks.test(line) && (swallowed.test(line) || dashOf(path)?.test(line) === true);
    if (!ignores || old.includes(line.trim())) return [];
    return [{ text: `the failure of "${line.trim()}" is swallowed`, line: index + 1, mild: false }];
  });
}

/** A dash before a command tells make and tox to go on when it fails. */
function dashOf(path: string): RegExp | null {
  if (/Makefile$/i.test(path)) return /^\t[@+]?-/;
  return /(^|\/)(tox\.ini|setup\.cfg|pyproject\.toml)$/.test(path) ? /^\s+-\s*\w|^commands\w*\s*=\s*-/ : null;
}

function loosenedScripts(before: string, after: string): readonly Loosening[] {
  const [old, now] = [scriptsOf(before), scriptsOf(after)];
  return [...now].flatMap(([name, command]) => {
    const was = old.get(name) ?? '';
    if (!checking.test(name) && !runsChecks.test(command)) return [];
    const line = lineWith(after, `"${name}"`);
    if (swallowed.test(command) && !swallowed.test(was))
      return [{ text: `the script "${name}" swallows its failure`, line, mild: false }];
    const empty = nothing.test(command) && was !== '' && !nothing.test(was);
    return empty ? [{ text: `the script "${name}" does nothing any more`, line, mild: false }] : [];
  });
}

function scriptsOf(text: string): Map<string, string> {
  const start = text.indexOf('{', text.indexOf('"scripts"') + 1);
  const inside = text.includes('"scripts"') && start > 0 ? text.slice(start + 1, indexOfEnd(text, start)) : '';
  return new Map(
    [...inside.matchAll(/"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)"/g)].map((pair) => [
      pair[1] ?? '',
      (pair[2] ?? '').replace(/\\"/g, '"'),
    ]),
  );
}

function indexOfEnd(text: string, start: number): number {
  const end = text.indexOf('}', start);
  return end < 0 ? text.length : end;
}
