import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { WorkingSpec } from '../caws/working-spec.js';
import { decompose, orderChunks } from './decompose.js';

const spec = {
  scope: { in: ['src', 'test'], out: [], support: [] },
  acceptance: [
    { id: 'A1', given: 'a', when: 'b', then: 'c', testCommand: null, testNodeIds: [] },
    { id: 'A2', given: 'd', when: 'e', then: 'f', testCommand: null, testNodeIds: [] },
  ],
} as unknown as WorkingSpec;
const part = (id: string, ...after: string[]) => ({ id, words: id, scope: [], after });

describe('decompose', () => {
  it('leaves a task whole unless it is told to divide it', () => {
    expect(decompose('words', spec, 'whole')).toEqual([{ id: 'whole', words: 'words', scope: [], after: [] }]);
    const single = { ...spec, acceptance: spec.acceptance.slice(0, 1) };
    expect(decompose('words', single, 'acceptance').map((chunk) => chunk.id)).toEqual(['whole']);
  });

  it('makes a part of each criterion, or of each place, one after the other', () => {
    expect(decompose('words', spec, 'acceptance').map(({ id, after }) => [id, after])).toEqual([
      ['A1', []],
      ['A2', ['A1']],
    ]);
    expect(decompose('words', spec, 'scope').map(({ scope }) => scope)).toEqual([['src'], ['test']]);
  });

  it('refuses a circle, an unknown and a doubled part, each by name', () => {
    expect(() => orderChunks([part('a', 'b'), part('b', 'a'), part('c')])).toThrow(
      'the parts a, b wait for each other',
    );
    expect(() => orderChunks([part('a', 'z')])).toThrow('a comes after z');
    expect(() => orderChunks([part('a'), part('a')])).toThrow('two parts have one name');
  });

  test.prop([fc.integer({ min: 1, max: 12 }), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 30 })])(
    'orders any web without circles so that each part comes after what it builds on',
    (count, links) => {
      const after = new Map<number, Set<number>>();
      for (const [a, b] of links) {
        const [low, high] = [Math.min(a % count, b % count), Math.max(a % count, b % count)];
        if (low !== high) after.set(low, (after.get(low) ?? new Set()).add(high));
      }
      const chunks = Array.from({ length: count }, (_, index) =>
        part(`p${index}`, ...[...(after.get(index) ?? [])].map((other) => `p${other}`)),
      );
      const ordered = orderChunks(chunks).map((chunk) => chunk.id);
      expect(new Set(ordered).size).toBe(count);
      for (const chunk of chunks) {
        for (const before of chunk.after) expect(ordered.indexOf(before)).toBeLessThan(ordered.indexOf(chunk.id));
      }
    },
  );
});
