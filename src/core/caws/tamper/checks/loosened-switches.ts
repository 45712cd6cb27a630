import { lineWith, type Loosening } from './check-config.js';

const mustBeOn =
  /^(strict|noImplicitAny|strictNullChecks|strictFunctionTypes|noUncheckedIndexedAccess|exactOptionalPropertyTypes|noImplicitReturns|noImplicitThis|noFallthroughCasesInSwitch|noUnusedLocals|noUnusedParameters|noImplicitOverride|checkJs|useUnknownInCatchVariables|check-coverage|checkCoverage|all|perFile|per-file|forbidOnly|xfail_strict|disallow_untyped_defs|disallow_any_generics|warn_return_any|strict_optional|strict_equality|check_untyped_defs|branch|enabled|failOnConsole|fail-on-empty-test-suite|denyWarnings)$/;
const mustBeOff =
  /^(passWithNoTests|pass-with-no-tests|allowOnly|dangerouslyIgnoreUnhandledErrors|ignore_errors|allowUnreachableCode|noErrorOnUnmatchedPattern|no-error-on-unmatched-pattern|allowEmpty|forceExit|suppressImplicitAnyIndexErrors|pass-unit-tests|ignoreBuildErrors|ignoreDuringBuilds|noCheck|skipTests|skip_tests|ignore_outcome|informational|continue-on-error|continueOnError|allow_failure|allowFailure)$/;
const mildOnes =
  /^(skipLibCheck|ignore_missing_imports|forceExit|enabled|noUnusedLocals|noUnusedParameters|isolatedModules)$/;
const pair = /(?<![\w-])["']?([A-Za-z][\w-]*)["']?\s*[:=]\s*["']?(true|false)\b/gi;

/** What `strict` turns on by itself: to turn one off takes from it. */
const withinStrict =
  /^(noImplicitAny|noImplicitThis|strict(NullChecks|FunctionTypes|BindCallApply|PropertyInitialization|BuiltinIteratorReturn)|useUnknownInCatchVariables|alwaysStrict)$/;

/** Switches of strictness that were turned, and switches of leniency that were put in. */
export function loosenedSwitches(before: string, after: string): readonly Loosening[] {
  const [old, now] = [switchesOf(before), switchesOf(after)];
  const strict = old.get('strict')?.includes(true) === true;
  const found = [...now].flatMap(([key, is]): readonly Loosening[] => {
    const value = turnedTo(key, old.get(key) ?? [], is, strict);
    return value === null
      ? []
      : [{ text: `"${key}" is now ${value}`, line: lineWith(after, key), mild: mildOnes.test(key) }];
  });
  const lost = strict && !now.has('strict');
  return [...found, ...(lost ? [{ text: '"strict" is gone', line: null, mild: false }] : []), ...flags(before, after)];
}

/** The lenient value that a switch has now and had not before; null when it has none. */
function turnedTo(key: string, was: readonly boolean[], is: readonly boolean[], strict: boolean): boolean | null {
  const isNew = (value: boolean): boolean => is.includes(value) && !was.includes(value);
  if (mustBeOff.test(key)) return isNew(true) ? true : null;
  const byStrict = withinStrict.test(key);
  if (!byStrict && !mustBeOn.test(key)) return null;
  const wasOn = was.includes(true) || (byStrict && strict);
  return wasOn && isNew(false) ? false : null;
}

function switchesOf(text: string): Map<string, boolean[]> {
  const switches = new Map<string, boolean[]>();
  for (const [, key = '', value = ''] of text.matchAll(pair)) {
    const list = switches.get(key) ?? [];
    list.push(value.toLowerCase() === 'true');
    switches.set(key, list);
  }
  return switches;
}

const lenientFlags =
  /--(passWithNoTests|pass-with-no-tests|no-coverage|noCoverage|coverage\.enabled=false|no-cov|forceExit|retry(?!\w)|retries|reruns|testPathIgnorePatterns|test-skip-pattern|exclude|ignore(?:-glob)?=\S*test|deselect|allow-empty|onlyChanged|changed|bail=0|no-strict|noEmitOnError=false|max-warnings|quiet|exit-zero|no-verify|fail-under=0|p no:\S+|skip-\w*tests?|no-error-on-unmatched-pattern)\b|\s-k\s*["']?not\b|\s-p no:\w+|--suppress-no-test-exit-code/g;
const strictFlags =
  /--(check-coverage|strict|coverage|cov(?=[=\s"'])|cov-fail-under|fail-under|max-warnings|noEmit|type-check|typecheck|forbid-only|fail-on-\w+|error-unmatched|strict-markers|strict-config)\b/g;

/** Flags of commands: lenient ones that came, strict ones that went. */
function flags(before: string, after: string): readonly Loosening[] {
  const [wasLenient, isLenient] = [countFlags(before, lenientFlags), countFlags(after, lenientFlags)];
  const [wasStrict, isStrict] = [countFlags(before, strictFlags), countFlags(after, strictFlags)];
  const came = [...isLenient].filter(
    ([flag, count]) => count > (wasLenient.get(flag) ?? 0) && !/max-warnings|exclude|changed/.test(flag),
  );
  const went = [...wasStrict].filter(
    ([flag, count]) => count > (isStrict.get(flag) ?? 0) && !wholeCommandGone(before, after, flag),
  );
  return [
    ...came.map(([flag]) => ({
      text: `the flag "${flag.trim()}" was added`,
      line: lineWith(after, flag.trim()),
      mild: /--quiet|--forceExit/.test(flag),
    })),
    ...went.map(([flag]) => ({
      text: `the flag "${flag}" was removed`,
      line: null,
      mild: /--(noEmit|strict)$/.test(flag),
    })),
  ];
}

function countFlags(text: string, pattern: RegExp): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [flag] of text.matchAll(pattern)) counts.set(flag, (counts.get(flag) ?? 0) + 1);
  return counts;
}

/** The tool that the flag spoke to is another one now: its flags went with it. */
function wholeCommandGone(before: string, after: string, flag: string): boolean {
  const line = before.split('\n').find((text) => text.includes(flag)) ?? '';
  const tool = /\b(jest|vitest|mocha|nyc|c8|ava|tap|pytest|eslint|tsc|mypy|flake8|node --test|coverage|karma)\b/.exec(
    line.slice(0, line.indexOf(flag)),
  )?.[0];
  return tool !== undefined && !after.includes(tool);
}
