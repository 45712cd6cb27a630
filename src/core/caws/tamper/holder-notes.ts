import { pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import type { HolderNote } from './tamper-rule.js';

const claim =
  /(?:\bcopyright\b(?:\s*\(c\))?|\bSPDX-FileCopyrightText:|\u00A9|^\W*\(c\)\s(?=\d{4}))\s*(?:\(c\)|\u00A9)?[\s:]*(?:\d{4}(?:\s*[-,\u2013]\s*(?:\d{4}|present|now))*,?\s*)+(?:by\s+)?([\p{Lu}][^\n*<>()"'`]{2,60}|[\w.-]+ (?:authors|contributors))/iu;

/** Copyright holders in the first lines that changed, and those that the old content named. Years do not matter. */
export function noteHolders(facts: FileFacts): readonly HolderNote[] {
  const file = pathOf(facts.file);
  const known = holdersOf(facts.oldText).map(({ line, holder }) => ({ file, line, holder, known: true }));
  const fresh = facts.addedLines
    .filter(({ text }) => /copyright|\u00A9|\(c\)/i.test(text))
    .flatMap(({ line, text }) => {
      const holder = holderIn(text);
      return holder === null ? [] : [{ file, line, holder, known: false }];
    });
  return [...known, ...fresh].slice(0, 20);
}

function holdersOf(text: string | null): readonly { readonly line: number; readonly holder: string }[] {
  if (text === null || !/copyright|\u00A9|\(c\)/i.test(text)) return [];
  return text.split('\n').flatMap((line, index) => {
    const holder = holderIn(line);
    return holder === null ? [] : [{ line: index + 1, holder }];
  });
}

function holderIn(line: string): string | null {
  if (line.length > 300) return null;
  const holder = claim
    .exec(line)?.[1]
    ?.replace(/\.?\s*all rights reserved.*$/i, '')
    .replace(/[\s.,;]+$/, '');
  return holder === undefined || holder === '' ? null : holder.toLowerCase();
}
