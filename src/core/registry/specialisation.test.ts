import { describe, expect, it } from 'vitest';
import { type AgentHistory, noHistory, observe } from './history.js';
import { learnSpecialisations } from './specialisation.js';

/** A history of `n` outcomes under a tag, so many of them passed, after as many untagged ones as `rest` says. */
function history(tag: string, n: number, passed: number, rest: readonly [number, number] = [0, 0]): AgentHistory {
  let made = noHistory;
  const add = (count: number, passes: number, tags: string[]): void => {
    for (let index = 0; index < count; index += 1) {
      made = observe(made, {
        decision_id: `${tags.length}-${index}`,
        revision: 0,
        agent: 'a',
        version: '1',
        surface: 's',
        complexity: 'c',
        tags,
        passed: index < passes,
        reward: index < passes ? 1 : 0,
        cost_micro_usd: 1,
        latency_ms: 1,
        at_ms: 1,
      });
    }
  };
  add(n, passed, [tag]);
  add(rest[0], rest[1], []);
  return made;
}
const kind = 'code-editing/standard';
const of = (one: AgentHistory, at = kind) => new Map([[at, one]]);

describe('specialisation', () => {
  it('is learned where the evidence beats what others pass of the same kind', () => {
    const [rust] = learnSpecialisations(of(history('rust', 60, 54)), [of(history('rust', 100, 50))]);
    expect(rust).toMatchObject({ tag: 'rust', n: 60, passed: 54, expected: 0.5, peers: 100, verdict: 'specialised' });
    // Wilson, 54 of 60 at 99 %.
    expect(rust?.low).toBeCloseTo(0.7575, 4);
    const [weak] = learnSpecialisations(of(history('rust', 60, 6)), [of(history('rust', 100, 50))]);
    expect(weak?.verdict).toBe('weak');
  });

  it('is not learned from few outcomes, nor from chance', () => {
    expect(learnSpecialisations(of(history('rust', 19, 19)), [of(history('rust', 100, 10))])).toEqual([]);
    const [even] = learnSpecialisations(of(history('rust', 60, 33)), [of(history('rust', 100, 50))]);
    expect(even?.verdict).toBe('undecided');
  });

  it('is not had by farming easy tasks: each kind is compared with itself', () => {
    const farmer = new Map([['code-editing/trivial', history('rust', 200, 190)]]);
    const honest = new Map([
      ['code-editing/trivial', history('rust', 50, 48)],
      ['code-editing/complex', history('rust', 200, 60)],
    ]);
    expect(learnSpecialisations(farmer, [honest])[0]).toMatchObject({
      verdict: 'undecided',
      expected: 0.96,
      peers: 50,
    });
  });

  it('compares an agent without peers with itself elsewhere, and says nothing where there is no elsewhere', () => {
    expect(learnSpecialisations(of(history('go', 60, 57, [60, 20])), [])[0]).toMatchObject({
      verdict: 'specialised',
      peers: 0,
    });
    expect(learnSpecialisations(of(history('go', 60, 57)), [])).toEqual([]);
  });
});
