import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import type { SyntaxFacts } from '../syntax-facts.js';
import type { TestNote } from './tamper-rule.js';

/**
 * Tests that this file lost and gained, by name. A name that stands several times counts as often as it stands, so
 * that one deleted twin is seen. Files without syntax facts have no tests to note.
 */
export function noteTests(facts: FileFacts): {
  readonly removed: readonly TestNote[];
  readonly added: readonly TestNote[];
} {
  const before = facts.oldSyntax === null ? [] : testsOf(facts.oldSyntax, facts.file.oldPath ?? pathOf(facts.file));
  const after = facts.newSyntax === null ? [] : testsOf(facts.newSyntax, pathOf(facts.file));
  return { removed: lacking(before, after), added: lacking(after, before) };
}

function testsOf(syntax: SyntaxFacts, file: string): readonly TestNote[] {
  return syntax.tests.flatMap((test, index) =>
    test.kind === 'test'
      ? [
          {
            file,
            name: [...test.path, test.title].join(' > '),
            line: test.line,
            fingerprint: fingerprintOf(syntax, index),
          },
        ]
      : [],
  );
}

/** Empty for a test that asserts and calls nothing: two such tests are not thereby the same test. */
function fingerprintOf(syntax: SyntaxFacts, test: number): string {
  const asserted = syntax.assertions
    .filter((assertion) => assertion.test === test)
    .map((it) => [it.form, it.negated ? 'not' : '', it.subject, ...it.expected].join('\u0001'));
  const done =
    asserted.length > 0
      ? asserted
      : syntax.calls.filter((call) => call.test === test).map((call) => [call.callee, ...call.args].join('\u0001'));
  return done.length === 0 ? '' : bytesToHex(sha256(utf8ToBytes(done.join('\u0002')))).slice(0, 32);
}

function lacking(from: readonly TestNote[], other: readonly TestNote[]): readonly TestNote[] {
  const left = new Map<string, number>();
  for (const test of other) left.set(test.name, (left.get(test.name) ?? 0) + 1);
  return from.filter((test) => {
    const count = left.get(test.name) ?? 0;
    if (count > 0) left.set(test.name, count - 1);
    return count === 0;
  });
}
