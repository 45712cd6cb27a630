import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { isTestPath } from '../test-path.js';
import type { ChangeMode } from '../working-spec.js';

/**
 * Texts without which no rule that looks at syntax finds anything in a new file: the process, the runner and its
 * assertions, equality and conversion, errors, the environment, the clock, counters, and comparisons with literals.
 * A text that has none of them is judged by its lines alone.
 */
const telling =
  /\b(expect|assert|describe|it|test|suite|mock\w*|jest|vi|sinon|chai|should|pytest|unittest|monkeypatch|conftest|process|globalThis|global|window|Symbol|Proxy|Reflect|prototype|define\w*|Object|valueOf|toString|equals|isEqual|__\w+__|asymmetricMatch|catch|except|finally|throw|raise|eval|exec|Function|require|import\(|getBuiltinModule|\w*[eE]xit|abort|kill|SystemExit|env\w*|argv|stack|setTimeout|setInterval|setImmediate|Date|Math|performance|sys|os|inspect|NotImplemented\w*|pass|counter?|calls?)\b|\+\+|--|[+-]= ?1\b|(===?|!==?|\bcase)\s*[\d'"`{[(-]|[\d'"`]\s*(===?|!==?)|\\u00|\\x/;

/** Beyond so many files a change is far over every budget; what costs a parse of each of them is then left out. */
export const largeChangeFiles = 1000;

/**
 * True when a file's syntax must be parsed for the rules to be exact: tests, old and new; every file that was there
 * before (a function that lost its body shows only beside the old one); in a refactoring all, for their public
 * surface; of new files those with a telling text. In a change of over `largeChangeFiles` files, product files that were
 * there before are parsed for a telling text on a changed line only: what is lost is D17's advice on emptied functions.
 */
export function callsForSyntax(
  facts: Pick<FileFacts, 'file' | 'oldText' | 'newText' | 'addedLines' | 'removedLines'>,
  mode: ChangeMode | null,
  changedFiles = 1,
): boolean {
  const { file } = facts;
  const isTest = isTestPath(pathOf(file)) || isTestPath(file.oldPath ?? '');
  if (file.status === 'R') return isTest;
  if (isTest || mode === 'refactor') return true;
  if (file.status === 'A') return telling.test(facts.newText ?? '');
  return (
    changedFiles <= largeChangeFiles ||
    [...facts.addedLines, ...facts.removedLines].some(({ text }) => telling.test(text))
  );
}
