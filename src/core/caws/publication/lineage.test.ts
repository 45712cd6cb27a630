import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { traceLineage } from './lineage.js';

const commit = (id: string, ...parents: string[]) => ({ id, parents });

describe('the line of first parents', () => {
  it('leads from head to base, and names the merge that brought each other commit', () => {
    const range = [commit('a', 'base'), commit('x', 'base'), commit('y', 'x'), commit('m', 'a', 'y'), commit('b', 'm')];
    const { broughtBy, broken } = traceLineage('base', 'b', range);
    expect(broken).toBeNull();
    expect(Object.fromEntries(broughtBy)).toEqual({ x: 'm', y: 'm' });
  });

  it('gives what two merges reach to the first, and follows merges within what was brought', () => {
    const range = [
      commit('x', 'base'),
      commit('z', 'base'),
      commit('y', 'x', 'z'),
      commit('m', 'base', 'x'),
      commit('n', 'm', 'y'),
    ];
    expect(Object.fromEntries(traceLineage('base', 'n', range).broughtBy)).toEqual({ x: 'm', y: 'n', z: 'n' });
  });

  it('is broken where a merge was made upon something older than base', () => {
    const { broken } = traceLineage('base', 'm', [commit('m', 'older', 'base')]);
    expect(broken).toMatchObject({ commit: 'm', detail: expect.stringMatching(/past base/) as string });
  });

  it('is broken by a commit that nothing leads to, by another history and by a circle', () => {
    expect(traceLineage('base', 'a', [commit('a', 'base'), commit('b', 'base')]).broken?.commit).toBe('b');
    expect(traceLineage('base', 'a', [commit('a')]).broken?.commit).toBe('a');
    expect(traceLineage('base', 'a', [commit('a', 'b'), commit('b', 'a')]).broken).not.toBeNull();
    expect(traceLineage('base', 'base', [])).toEqual({ broughtBy: new Map(), broken: null });
  });

  test.prop([fc.array(fc.tuple(fc.nat(), fc.option(fc.nat(), { nil: null })), { maxLength: 30 }), fc.boolean()])(
    'every commit is on the line or was brought once, in whatever order they come',
    (shape, backwards) => {
      // Each commit stands on the one before; some have a second parent anywhere below.
      const range = shape.map(([, other], index) =>
        commit(
          `c${index}`,
          index === 0 ? 'base' : `c${index - 1}`,
          ...(other === null || index === 0 ? [] : [`c${other % index}`]),
        ),
      );
      const head = range.at(-1)?.id ?? 'base';
      const { broughtBy, broken } = traceLineage('base', head, backwards ? range.toReversed() : range);
      expect(broken).toBeNull();
      expect(broughtBy.size).toBe(0);
    },
  );
});
