import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { buildLog } from './fixtures/built-log.js';
import { prevOf } from './prev-of.js';
import type { PlacedEntry } from './sequence.js';
import { hashLeaf, rootOf } from './tree.js';
import { type LogCheck, type ReadBack, checkNext, endCheck, rootOfCheck, startedCheck } from './verify-log.js';

const size = 40;
const { entries, read } = buildLog(size);
const root = rootOf(size, read);
const head = { size, root, source: 'the head' };
const index = fc.integer({ min: 0, max: size - 1 });

function check(log: readonly ReadBack[], expected = [head]): LogCheck {
  return endCheck(
    log.reduce((sum, entry) => checkNext(sum, entry, expected), startedCheck),
    expected,
  );
}
const renumbered = (log: readonly PlacedEntry[]): PlacedEntry[] => log.map((entry, at) => ({ ...entry, index: at }));
const changed = (entry: PlacedEntry, at: number, by: number): PlacedEntry => {
  const bytes = entry.bytes.slice();
  const place = at % bytes.length;
  bytes[place] = (bytes[place] ?? 0) ^ by;
  return { ...entry, bytes };
};

describe('a log that is whole', () => {
  it('is found good, at every size, with the root of the tree', () => {
    for (let to = 0; to <= size; to += 1) {
      const found = check(entries.slice(0, to), [{ size: to, root: rootOf(to, read), source: 'the head' }]);
      expect(found).toMatchObject({ size: to, flaw: null });
      expect(rootOfCheck(found)).toEqual(rootOf(to, read));
    }
  });

  it('is compared with states that were seen on the way', () => {
    const seen = { size: 17, root: rootOf(17, read), source: 'the pin' };
    expect(check(entries, [head, seen]).flaw).toBeNull();
    const other = { ...seen, root };
    expect(check(entries, [head, other]).flaw).toEqual({
      index: null,
      what: 'the first 17 entries are not those of the pin',
    });
  });
});

describe('a log that is not', () => {
  property.prop([index, fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'names the entry of any changed byte',
    (at, place, by) => {
      const log = entries.map((entry) => (entry.index === at ? changed(entry, place, by) : entry));
      expect(check(log)).toMatchObject({ size: at, flaw: { index: at } });
    },
  );

  property.prop([index, fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'is found when the leaf was changed with it: by the entry itself, the next one, or the root',
    (at, place, by) => {
      const log = entries.map((entry) => {
        if (entry.index !== at) return entry;
        const other = changed(entry, place, by);
        return { ...other, leaf: hashLeaf(other.bytes) };
      });
      const { flaw } = check(log);
      expect(flaw).not.toBeNull();
      expect(at === size - 1 ? [at, null] : [at, at + 1]).toContain(flaw?.index);
    },
  );

  property.prop([index, fc.boolean()])('names the place of a deleted entry, renumbered or not', (at, renumber) => {
    const kept = entries.filter((entry) => entry.index !== at);
    expect(check(renumber ? renumbered(kept) : kept).flaw?.index).toBe(at);
  });

  property.prop([index, index, fc.boolean()])('names the first of two that changed places', (one, other, renumber) => {
    fc.pre(one !== other);
    const log = [...entries];
    [log[one], log[other]] = [entries[other], entries[one]] as [PlacedEntry, PlacedEntry];
    expect(check(renumber ? renumbered(log) : log).flaw?.index).toBe(Math.min(one, other));
  });

  property.prop([index])('names the end of a tail that was cut', (to) => {
    expect(check(entries.slice(0, to)).flaw).toMatchObject({ index: to, what: expect.stringMatching(/tail/) });
  });

  property.prop([index, index])('names the place of an entry that was filled in later', (at, from) => {
    const filled = [...entries.slice(0, at), entries[from], ...entries.slice(at)].filter((one) => one !== undefined);
    const { flaw } = check(renumbered(filled));
    // Beside its original it is the second of the two that follows nothing.
    expect(flaw?.index).toBe(at === from ? at + 1 : at);
  });

  property.prop([fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 })])(
    'may be any bytes at all',
    (parts) => {
      const log = parts.map((bytes, at) => ({ index: at, bytes, leaf: null }));
      expect(check(log).flaw?.index).toBe(0);
      expect(prevOf(parts[0] ?? new Uint8Array())).toBeNull();
    },
  );

  it('is not looked at after the first flaw', () => {
    const broken = check(entries.slice(1));
    expect(checkNext(broken, entries[0] as PlacedEntry)).toBe(broken);
  });
});
