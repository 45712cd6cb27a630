import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf, type Severity } from '../finding.js';
import type { CallFact } from '../syntax-facts.js';
import { isTestPath } from '../test-path.js';
import { isCheckConfig, type Loosening, withoutComments } from './checks/check-config.js';
import { loosenedCommands } from './checks/loosened-commands.js';
import { loosenedLists } from './checks/loosened-lists.js';
import { loosenedNumbers } from './checks/loosened-numbers.js';
import { isLintConfig, loosenedRules } from './checks/loosened-rules.js';
import { loosenedSwitches } from './checks/loosened-switches.js';
import { pragmaKey, pragmaOf, unreachableByNature } from './checks/pragmas.js';
import { addedLineSet, freshOf } from './fresh-facts.js';
import type { TamperRule } from './tamper-rule.js';

function examine(facts: FileFacts): readonly Finding[] {
  return [...addedPragmas(facts), ...loosenedConfig(facts), ...retriesInTests(facts)];
}

/** Comments that tell coverage, mutation, types or lint to look away, beyond those that stood there. */
function addedPragmas(facts: FileFacts): readonly Finding[] {
  const { file, oldSyntax, newSyntax, newText } = facts;
  if (newSyntax === null || newSyntax.comments.length === 0) return [];
  const path = pathOf(file);
  const after = newSyntax.comments.filter((comment) => pragmaOf(comment.text) !== null);
  if (after.length === 0) return [];
  const fresh = freshOf(oldSyntax?.comments, after, addedLineSet(facts), (comment) => pragmaKey(comment.text));
  const lines = newText?.split('\n') ?? [];
  return fresh.flatMap((comment) => {
    const pragma = pragmaOf(comment.text);
    if (pragma === null) return [];
    const natural = pragma.name === 'no cover' && unreachableByNature.test(lines[comment.line - 1] ?? '');
    const severity: Severity = pragma.broad && !natural && !isTestPath(path) ? 'waivable' : 'advisory';
    return [
      findingOf(checksLoosened, `"${comment.text.slice(0, 80)}" tells a check to look away`, {
        path,
        line: comment.line,
        severity,
      }),
    ];
  });
}

function loosenedConfig({ file, oldText, newText }: FileFacts): readonly Finding[] {
  const path = pathOf(file);
  if (!isCheckConfig(path) || newText === null || newText === oldText) return [];
  const after = withoutComments(newText, path);
  // A new configuration loosens nothing by its numbers; a leniency that it names counts all the same.
  const before = oldText === null ? '' : withoutComments(oldText, path);
  const relative = oldText === null ? [] : [...loosenedNumbers(before, after), ...loosenedLists(before, after, path)];
  const rules = oldText !== null && isLintConfig(path) ? loosenedRules(before, after) : [];
  const all: readonly Loosening[] = [
    ...relative,
    ...rules,
    ...loosenedSwitches(before, after),
    ...loosenedCommands(before, after, path),
  ];
  return all.map(({ text, line, mild }) =>
    findingOf(checksLoosened, text, { path, line, severity: mild ? 'advisory' : 'waivable' }),
  );
}

const testCall = /^(it|test|describe|suite|context|specify)\b/;
const retrying =
  /^(jest\.retryTimes|this\.retries|\w+\.retries|test\.describe\.configure|pytest\.mark\.flaky|flaky|vi\.setConfig)$/;

/** Retries that tests give themselves, and files that a conftest takes out of the collection. */
function retriesInTests(facts: FileFacts): readonly Finding[] {
  const { oldSyntax, newSyntax } = facts;
  const path = pathOf(facts.file);
  if (newSyntax === null || !isTestPath(path)) return [];
  const added = addedLineSet(facts);
  const retries = freshOf(
    oldSyntax?.calls,
    newSyntax.calls.filter(isRetry),
    added,
    (it) => `${it.callee} ${it.args.join()}`,
  );
  const left = newSyntax.assignments.filter((it) => /^collect_ignore(_glob)?$/.test(it.target) && it.value !== '[]');
  const ignored = freshOf(oldSyntax?.assignments, left, added, (it) => `${it.target} ${it.value}`);
  return [
    ...retries.map(({ callee, line }) =>
      findingOf(checksLoosened, `"${callee}" lets a failing test try again`, { path, line }),
    ),
    ...ignored.map(({ target, value, line }) =>
      findingOf(checksLoosened, `"${target}" takes ${value} out of the collection`, { path, line }),
    ),
  ];
}

function isRetry({ callee, args }: CallFact): boolean {
  return (
    (retrying.test(callee) && args.some((arg) => /(^|\bretr\w+ ?: ?|reruns ?= ?)[1-9]/.test(arg))) ||
    (testCall.test(callee) && args.some((arg) => /^\{.*\bretr(y|ies): [1-9]/.test(arg)))
  );
}

/** D11: configuration or pragmas of coverage, mutation, types, lint and tests loosened. */
export const checksLoosened: TamperRule = {
  id: 'D11',
  clause: 'constitution §3 part 6, D11',
  severity: 'waivable',
  why: 'A check that asks for less, or looks away, passes what it was there to stop.',
  mend: 'Keep the check as it was and meet it, or ask for a waiver that says why it must give way.',
  examineFile: examine,
};
