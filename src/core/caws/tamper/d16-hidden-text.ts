import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf, type Severity } from '../finding.js';
import type { TamperRule } from './tamper-rule.js';
import { aimedAtModels } from './text/aimed-at-models.js';
import { keepRegions, type Region } from './text/code-mask.js';
import { hiddenIn, type HiddenText, isPlain } from './text/hidden-characters.js';
import { lookalikeNames, mixedWords } from './text/mixed-scripts.js';
import { commentStyleOf, isLocalePath, isSourcePath } from './text/source-path.js';

const findingsPerFile = 20;

function examine(facts: FileFacts): readonly Finding[] {
  const path = pathOf(facts.file);
  if (facts.newText === null) return hiddenPath(path);
  const found = [
    ...hiddenPath(path),
    ...hiddenCharacters(facts, path),
    ...lookalikes(facts, path),
    ...orders(facts, path),
  ];
  return found.slice(0, findingsPerFile);
}

/** A path is read by people and by tools alike, in any kind of file. */
function hiddenPath(path: string): Finding[] {
  if (isPlain(path) && !/[^\u0000-\u007F]/.test(path)) return [];
  const hidden = hiddenIn(path, 0).map((it) => it.what);
  const names = path.split(/[/.-]/).flatMap((part) => lookalikeNames(part));
  return [...hidden, ...names.map((name) => `look-alike letters in "${name}"`)].map((what) =>
    findingOf(hiddenText, `the path holds ${what}`, { path, severity: hidden.length > 0 ? 'block' : 'advisory' }),
  );
}

function hiddenCharacters(facts: FileFacts, path: string): Finding[] {
  return facts.addedLines.flatMap(({ line, text }) =>
    hiddenIn(text, line)
      .filter((it) => it.kind !== 'far-right' || isSourcePath(path))
      .map((it) => findingOf(hiddenText, `hidden text: ${it.what}`, { path, line, severity: gravity(it, path) })),
  );
}

/** In code all of it blocks; elsewhere marks and joiners are part of writing, and what only smuggles wants a waiver. */
function gravity(hidden: HiddenText, path: string): Severity {
  if (isSourcePath(path) && !isLocalePath(path)) return 'block';
  if (hidden.kind === 'tag' || hidden.kind === 'selector') return 'waivable';
  return 'advisory';
}

function lookalikes(facts: FileFacts, path: string): Finding[] {
  if (!isSourcePath(path) || !facts.addedLines.some(({ text }) => /[^\u0000-\u007F]/.test(text))) return [];
  const code = linesOf(facts, path, ['code']);
  const strings = linesOf(facts, path, ['string']);
  return facts.addedLines.flatMap(({ line }) => [
    ...[...new Set(lookalikeNames(code[line - 1] ?? ''))].map((name) =>
      findingOf(hiddenText, `the name "${name}" mixes letters of other scripts that look Latin`, { path, line }),
    ),
    ...[...new Set(mixedWords(strings[line - 1] ?? ''))].map((word) =>
      findingOf(hiddenText, `the text "${word}" mixes letters of other scripts that look Latin`, {
        path,
        line,
        severity: 'advisory',
      }),
    ),
  ]);
}

/** Orders in a comment block, since a comment has no other reader; in strings and prose they may be honest matter. */
function orders(facts: FileFacts, path: string): Finding[] {
  const aimed = facts.addedLines.filter(({ text }) => aimedAtModels(text) !== null);
  if (aimed.length === 0) return [];
  const source = isSourcePath(path);
  const comments = source ? linesOf(facts, path, ['comment']) : htmlCommentLines(facts.newText ?? '');
  return aimed.map(({ line }) => {
    const hidden = aimedAtModels(comments[line - 1] ?? '') === 'order';
    const severity: Severity = !hidden ? 'advisory' : source ? 'block' : 'waivable';
    const where = !hidden ? 'text' : source ? 'a comment' : 'a comment that readers do not see';
    return findingOf(hiddenText, `${where} gives orders to a model that reads it`, { path, line, severity });
  });
}

function linesOf(facts: FileFacts, path: string, regions: readonly Region[]): readonly string[] {
  return keepRegions(facts.newText ?? '', commentStyleOf(path), regions).split('\n');
}

function htmlCommentLines(text: string): readonly string[] {
  let kept = '';
  for (const comment of text.matchAll(/<!--[\s\S]*?(?:-->|$)/g)) {
    kept += text.slice(kept.length, comment.index).replace(/[^\n]/g, ' ') + comment[0];
  }
  return kept.split('\n');
}

/**
 * D16: text that a person and a machine read differently: bidi controls, zero-width and tag characters, runs of
 * variation selectors, look-alike letters in names, code pushed out of sight, and orders to a model. Reads the added
 * lines of every text file and the path. Emoji sequences, flags, a byte order mark at the start and joiners inside
 * scripts that join are let pass. Documentation that is prose or translation is advised on at most, save for
 * characters that only smuggle.
 * @see https://trojansource.codes and Unicode TR36, TR39
 */
export const hiddenText: TamperRule = {
  id: 'D16',
  clause: 'constitution §3 part 6, D16',
  severity: 'block',
  why: 'what a reviewer cannot see, or reads otherwise than the machine does, has not been reviewed.',
  mend: 'remove it, or write the character as an escape such as \\u200b where the program needs it.',
  examineFile: examine,
};
