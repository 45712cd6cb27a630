import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { ByteSource } from './byte-source.js';
import { countCharacters } from './count-characters.js';
import { readSections } from './read-patch.js';

/** A source over these bytes, cut into chunks of the sizes given, over and over. */
function sourceOf(bytes: Buffer, sizes: readonly number[]): ByteSource {
  let at = 0;
  let turn = 0;
  return new ByteSource(async () => {
    if (at >= bytes.length) return null;
    const size = sizes[turn % sizes.length] ?? 1;
    turn += 1;
    const chunk = bytes.subarray(at, at + size);
    at += size;
    return chunk;
  });
}

const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 });
const line = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: 'grapheme', minLength: 380, maxLength: 900 }));
const record = line.map((text) => text.replaceAll('\n', ''));

describe('reading records off chunks', () => {
  test.prop([fc.array(record, { maxLength: 20 }), sizes, fc.boolean()])(
    'gives the same records however the stream is cut',
    async (records, chunkSizes, isOpenEnded) => {
      const whole = records.map((text) => `${text}\n`).join('');
      const source = sourceOf(Buffer.from(isOpenEnded ? whole.slice(0, -1) : whole), chunkSizes);
      const read: string[] = [];
      for (;;) {
        const next = source.recordAtHand(0x0a) ?? (await source.record(0x0a, 1 << 20));
        if (next === null) break;
        const text = next.bytes.toString('utf8');
        read.push(text);
        expect(next.length).toBe(Buffer.byteLength(text));
        expect(next.lastByte).toBe(Buffer.from(text).at(-1) ?? -1);
        if (next.length > 402) expect(next.characters).toBe([...text].length);
        else expect(next.characters).toBeLessThanOrEqual(402);
      }
      // A last, empty record without its delimiter cannot be told from the end.
      expect(read).toEqual(isOpenEnded && records.at(-1) === '' ? records.slice(0, -1) : records);
    },
  );

  test.prop([fc.integer({ min: 1, max: 3_000 }), sizes, fc.integer({ min: 0, max: 500 })])(
    'counts a record that it does not keep',
    async (length, chunkSizes, keep) => {
      const source = sourceOf(Buffer.from(`${'x'.repeat(length)}\nnext`), chunkSizes);
      const first = await source.record(0x0a, keep);
      expect(first?.length).toBe(length);
      expect((await source.record(0x0a, 10))?.bytes.toString()).toBe('next');
      expect(await source.record(0x0a, 10)).toBeNull();
    },
  );

  test.prop([fc.string({ unit: 'grapheme' })])('counts code points', (text) => {
    expect(countCharacters(Buffer.from(text))).toBe([...text].length);
  });

  it('counts each byte that is no UTF-8 as a character', () => {
    expect(countCharacters(Buffer.alloc(450, 0x80))).toBe(450);
    expect(countCharacters(Buffer.from([0xe6, 0xbc, 0x61, 0xff]))).toBe(3);
  });
});

describe('reading a patch off chunks', () => {
  const patch = Buffer.from(
    [
      'diff --git a/a b/a',
      'index 1..2 100644',
      '--- a/a',
      '+++ b/a',
      '@@ -1,3 +1,4 @@ diff --git a/trick b/trick',
      '-@@ -1 +1 @@',
      '+diff --git a/b b/b',
      `+${'x'.repeat(1_234)}`,
      ' context',
      '@@ -9 +10 @@',
      '-old',
      '\\ No newline at end of file',
      '+new\r',
      'diff --git a/b b/b',
      'old mode 100644',
      'new mode 100755',
      'diff --git a/c b/c',
      'new file mode 100644',
      '--- /dev/null',
      '+++ b/c',
      '@@ -0,0 +1 @@',
      '+c',
    ]
      .map((text) => `${text}\n`)
      .join('')
      .replace('@@ -1,3 +1,4 @@', '@@ -1,2 +1,3 @@'),
  );

  test.prop([sizes])('gives the same lines however the stream is cut', async (chunkSizes) => {
    const sections = [];
    for await (const section of readSections(sourceOf(patch, chunkSizes), 5_000)) sections.push(section);
    expect(sections).toEqual([
      {
        removed: [
          { line: 1, text: '@@ -1 +1 @@' },
          { line: 9, text: 'old' },
        ],
        added: [
          { line: 1, text: 'diff --git a/b b/b' },
          { line: 2, text: 'x'.repeat(1_234) },
          { line: 10, text: 'new' },
        ],
        addedCount: 3,
        removedCount: 2,
        addedOver: false,
        removedOver: false,
        longLineSurplus: 12,
      },
      {
        added: [],
        removed: [],
        addedCount: 0,
        removedCount: 0,
        addedOver: false,
        removedOver: false,
        longLineSurplus: 0,
      },
      {
        added: [{ line: 1, text: 'c' }],
        removed: [],
        addedCount: 1,
        removedCount: 0,
        addedOver: false,
        removedOver: false,
        longLineSurplus: 0,
      },
    ]);
  });

  it('is a fault when it breaks off inside a hunk', async () => {
    const reading = async (): Promise<void> => {
      for await (const _ of readSections(sourceOf(patch.subarray(0, 150), [64]), 5_000));
    };
    await expect(reading()).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});
