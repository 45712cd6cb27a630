import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { hexOf } from './hex.js';
import { examineAppend, sequence } from './sequence.js';
import { rootOf } from './tree.js';
import { noPrev } from './entry.js';
import { checkNext, rootOfCheck, startedCheck } from './verify-log.js';

describe('the nodes that an entry completes', () => {
  it.prop([fc.integer({ min: 0, max: 70 })])('are those that the sequencer stores', (size) => {
    const appends = Array.from({ length: size }, (_, step) => ({
      key: `k${step}`,
      draft: { apiVersion: '0.0.1', kind: 'note', spec: { step } },
    }));
    for (const append of appends) examineAppend(append);
    const read = (): Uint8Array => new Uint8Array(32);
    const state = { size: 0, prev: noPrev, read, known: new Map(), nowMs: 0 };
    const { entries, nodes } = sequence(state, [appends]);
    let check = startedCheck;
    const made = entries.flatMap((entry) => {
      check = checkNext(check, entry);
      return check.made;
    });
    const spell = (all: typeof nodes): string[] =>
      all.map(({ level, index, hash }) => `${level}/${index} ${hexOf(hash)}`);
    expect(spell(made)).toEqual(spell(nodes));
    // The tree over the entries can be read out of them.
    const known = new Map(made.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
    const root = rootOf(size, (level, index) =>
      level === 0 ? (entries[index]?.leaf ?? read()) : (known.get(`${level}/${index}`) ?? read()),
    );
    expect(hexOf(root)).toBe(hexOf(rootOfCheck(check)));
    expect(made).toHaveLength(size === 0 ? 0 : size - [...size.toString(2)].filter((bit) => bit === '1').length);
  });
});
