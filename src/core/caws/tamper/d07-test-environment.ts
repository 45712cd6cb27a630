import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import { isTestPath } from '../test-path.js';
import type { TamperRule } from './tamper-rule.js';
import { keepRegions } from './text/code-mask.js';
import { commentStyleOf, isSourcePath } from './text/source-path.js';

const runners = 'vitest|jest|mocha|jasmine|ava|tap|karma|cypress|playwright|pytest|unittest|nose|node:test|--test';
const variables =
  'VITEST(_\\w+)?|JEST_WORKER_ID|NODE_TEST_CONTEXT|MOCHA_\\w+|AVA_\\w+|TAP|CYPRESS\\w*|PLAYWRIGHT_\\w+|PYTEST_\\w+|__VITEST__|__JEST__|TEST_WORKER_INDEX|NODE_V8_COVERAGE|STRYKER_\\w+|__STRYKER__|npm_lifecycle_event|npm_lifecycle_script';

interface Sign {
  readonly pattern: RegExp;
  readonly what: string;
}

const quote = '[\'"`]';
const javascript: readonly Sign[] = [
  { pattern: new RegExp(`\\b(${variables})\\b`), what: 'reads a variable that only a test runner sets' },
  {
    pattern: new RegExp(
      `\\b(NODE_ENV|APP_ENV|BUN_ENV|MODE)\\b.{0,40}[=!]==?\\s*${quote}(test|testing|ci)${quote}|${quote}(test|testing)${quote}\\s*[=!]==?.{0,40}\\b(NODE_ENV|APP_ENV|MODE)\\b`,
    ),
    what: 'asks whether the environment is a test',
  },
  {
    pattern: /\b(NODE_ENV|APP_ENV)\b\W{0,6}\.(startsWith|endsWith|includes|match|slice|at|charAt)\(/,
    what: 'asks whether the environment is a test',
  },
  {
    pattern: /\bReflect\.(get|has)\(\s*(globalThis|global|window|self)\b/,
    what: 'looks for the globals of a test runner',
  },
  {
    pattern: /\benv\b.{0,20}\[[^\]]*(\+|concat|join|atob|fromCharCode|`.*\$\{)[^\]]*\]/,
    what: 'reads an environment variable by a computed name',
  },
  {
    pattern:
      /\bimport\.meta\.(vitest|jest)\b|\b(globalThis|global|window|self)\s*(\?\.|\.|\[\s*['"`])\s*(it|describe|test|expect|jest|vi|vitest|mocha|__coverage__|__stryker__|beforeEach|afterEach|jasmine)\b/,
    what: 'looks for the globals of a test runner',
  },
  {
    pattern:
      /\btypeof\s+(it|describe|expect|jest|vi|test|suite|beforeEach|afterEach|jasmine)\b\s*[=!]==?|['"`](describe|expect|jest|vi|it|beforeEach|jasmine|__coverage__)['"`]\s+in\s+(globalThis|global|window|self)\b/,
    what: 'looks for the globals of a test runner',
  },
  {
    pattern: new RegExp(
      `\\b(argv|execArgv|title|argv0|filename|require\\.main|NODE_OPTIONS)\\b.{0,80}(${runners}|\\.test\\b|\\.spec\\b|__tests__|/tests?/)`,
    ),
    what: 'looks for a test runner in the command line',
  },
  {
    pattern:
      /\bstack\b.{0,80}(\.test\b|\.spec\b|\btests?\b|vitest|jest|mocha|node:test|__tests__)|\bprepareStackTrace\b|\bgetCallSites?\b|\bcaptureStackTrace\b.{0,80}\.stack\b|\barguments\.callee\b/,
    what: 'inspects who calls it by the stack',
  },
  {
    pattern:
      /\bnew Error\([^)]*\)\s*[?!]?\.\s*stack\s*[?!]?\.\s*(includes|split|match|indexOf|search|slice|replace)|\{\s*stack\b[^}]*\}\s*=\s*new Error|(\.test\b|\.spec\b|vitest|jest|mocha|__tests__).{0,80}\.(test|exec)\([^)]*\bstack\b/,
    what: 'inspects who calls it by the stack',
  },
  {
    pattern: new RegExp(
      `\\brequire\\.cache\\b.{0,80}(${runners})|\\bObject\\.keys\\(\\s*require\\.cache\\b|\\bmodule\\.(parent|children)\\b.{0,60}(${runners}|test)`,
    ),
    what: 'looks for a test runner among the loaded modules',
  },
];

const python: readonly Sign[] = [
  { pattern: new RegExp(`\\b(${variables})\\b`), what: 'reads a variable that only a test runner sets' },
  {
    pattern:
      /['"]_?(pytest|unittest|nose2?|_pytest|hypothesis|doctest|coverage)['"]\s+(not\s+)?in\s+(list\()?(sys\s*\.\s*)?modules|\bmodules\b.{0,40}['"](pytest|unittest|_pytest|coverage)['"]/,
    what: 'looks for a test runner among the loaded modules',
  },
  {
    pattern:
      /\bsys\.(argv|orig_argv)\b.{0,60}(pytest|unittest|test)|(pytest|unittest|test).{0,60}\bsys\.(argv|orig_argv)\b/,
    what: 'looks for a test runner in the command line',
  },
  {
    pattern:
      /\b(inspect\.(stack|currentframe|getouterframes|trace)|sys\._getframe|traceback\.(extract_stack|format_stack|walk_stack))\s*\(/,
    what: 'inspects who calls it by the stack',
  },
  {
    pattern:
      /\b(TESTING|IS_TEST|UNIT_TEST|ENV|ENVIRONMENT|APP_ENV|FLASK_ENV|DJANGO_ENV)\b['"]?\]?\)?\s*==\s*['"]test(ing|s)?['"]|environ.{0,20}\b(TESTING|IS_TEST|UNIT_TEST|UNITTEST)\b/,
    what: 'asks whether the environment is a test',
  },
  { pattern: /\bsys\.(gettrace|getprofile|monitoring)\b/, what: 'asks whether coverage or a debugger watches' },
];

/** A word of every sign above, so that most lines cost one test. */
const anyWord =
  /env|ENV|MODE|TEST|JEST|MOCHA|AVA_|TAP|CYPRESS|PLAYWRIGHT|COVERAGE|STRYKER|npm_lifecycle|\bstack\b|StackTrace|CallSite|callee|globalThis|Reflect|global|window|self|typeof|import\.meta|argv|execArgv|filename|require\.|module\.|NODE_OPTIONS|modules|inspect|_getframe|traceback|gettrace|getprofile|monitoring|title/;

/** Files that configure tools or start them rightly ask for the environment. */
const configures =
  /(^|\/)([\w.-]*\.config\.[cm]?[jt]s|\.?[\w-]*rc\.[cm]?js|babel\.config|gulpfile|gruntfile|setup\.py|noxfile\.py|manage\.py|settings[\w/]*\.py|test-?(setup|utils?|helpers?)\b)|(^|\/)(config|scripts?|bin|build|benchmarks?|examples?|testing)\//i;

const environmentName = /\b(?:const|let|var)\s+([\w$]+)\s*=[^\n]{0,80}\bNODE_ENV\b|\bNODE_ENV\s*:\s*([\w$]+)\s*[,}]/g;

/** Lines that compare a local copy of NODE_ENV with test: `const mode = process.env.NODE_ENV; … mode === 'test'`. */
function copiesCompared(facts: FileFacts): readonly number[] {
  if (!facts.newText?.includes('NODE_ENV')) return [];
  const names = [...facts.newText.matchAll(environmentName)].slice(0, 10).map((found) => found[1] ?? found[2] ?? '');
  return names.flatMap((name) => {
    const compared = new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}\\s*[=!]==?\\s*['"\`]test(ing)?['"\`]`);
    return facts.addedLines.filter(({ text }) => compared.test(text)).map(({ line }) => line);
  });
}

function examine(facts: FileFacts): readonly Finding[] {
  const path = pathOf(facts.file);
  if (facts.newText === null || !isSourcePath(path) || isTestPath(path) || configures.test(path)) return [];
  const copies = copiesCompared(facts).map((line) =>
    findingOf(testEnvironment, 'product code asks whether the environment is a test', { path, line }),
  );
  return [...signsIn(facts, path, facts.newText), ...copies];
}

function signsIn(facts: FileFacts, path: string, text: string): readonly Finding[] {
  const signs = /\.pyi?$/i.test(path) ? python : javascript;
  const hits = facts.addedLines.flatMap((added) => {
    const sign = anyWord.test(added.text) ? signs.find((it) => it.pattern.test(added.text)) : undefined;
    return sign === undefined ? [] : [{ ...added, sign }];
  });
  if (hits.length === 0) return [];
  const lines = keepRegions(text, commentStyleOf(path), ['code', 'string', 'regex']).split('\n');
  const before = new Set(facts.removedLines.map((it) => it.text.trim()));
  return hits
    .filter((hit) => hit.sign.pattern.test(lines[hit.line - 1] ?? '') && !before.has(hit.text.trim()))
    .map(({ line, sign }) => findingOf(testEnvironment, `product code ${sign.what}`, { path, line }));
}

/**
 * D7: product code that finds out that it is being tested. JavaScript, TypeScript and Python by the text of added
 * lines, comments left out. Names put together at run time are seen only where they index the environment; a flag
 * that the tests set through the product's own interface is not seen.
 */
export const testEnvironment: TamperRule = {
  id: 'D7',
  clause: 'constitution §3 part 6, D7',
  severity: 'advisory',
  why: 'code that knows when it is tested can behave for the test and otherwise as it likes.',
  mend: 'pass what differs in as an argument or a setting with a meaning of its own.',
  examineFile: examine,
};
