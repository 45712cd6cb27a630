import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { isTestPath } from '../test-path.js';
import type { ChangeMode } from '../working-spec.js';

/**
 * Texts that some content rule wants to see in its syntax. Wide on purpose: a text that is not listed here is judged
 * by its lines alone, so anything that reaches for the process, the runner, equality, errors or the environment is in.
 */
const telling =
  /\b(expect|assert|describe|it|test|suite|mock|jest|vi|sinon|chai|should|pytest|unittest|monkeypatch|process|globalThis|global|Symbol|Proxy|Reflect|prototype|defineProperty|valueOf|toString|equals|__eq__|asymmetricMatch|catch|except|throw|raise|eval|Function|require|import|getBuiltinModule|exit|_exit|kill|env|environ|argv|stack|setTimeout|Date|Math|sys|os|inspect|NotImplementedError|count|calls?|static|let|var|switch|if|return|NaN)\b/;

/** Change modes whose rules look at the public surface of every file. */
const surfaceModes: ReadonlySet<ChangeMode | null> = new Set<ChangeMode | null>(['refactor']);

/** True when a file's syntax must be parsed for the rules to be exact. Deleted tests too: what they held matters. */
export function callsForSyntax(
  facts: Pick<FileFacts, 'file' | 'oldText' | 'newText' | 'addedLines' | 'removedLines'>,
  mode: ChangeMode | null,
): boolean {
  if (facts.file.status === 'R' && !isTestPath(facts.file.oldPath ?? '')) return false;
  if (surfaceModes.has(mode) || isTestPath(pathOf(facts.file)) || isTestPath(facts.file.oldPath ?? '')) return true;
  return (
    facts.addedLines.some((line) => telling.test(line.text)) ||
    facts.removedLines.some((line) => telling.test(line.text))
  );
}
