import { z } from 'zod';
import type { AgentHistory } from './history.js';

/** What outcomes say of an agent at one tag, with how much evidence. */
export const specialisationSchema = z.strictObject({
  tag: z.string(),
  n: z.number().int().nonnegative().describe('Outcomes with this tag.'),
  passed: z.number().int().nonnegative(),
  expected: z.number().min(0).max(1).describe('Share that others, or it itself elsewhere, passed of the same kind.'),
  low: z.number().min(0).max(1).describe('Its share of passes is at least this, at 99 %.'),
  high: z.number().min(0).max(1).describe('And at most this.'),
  verdict: z.enum(['specialised', 'weak', 'undecided']),
  peers: z.number().int().nonnegative().describe('Outcomes of others that it was compared with.'),
});
export type Specialisation = z.infer<typeof specialisationSchema>;

/** Below this many outcomes nothing is said of a tag. */
const floor = 20;
/** Two-sided 99 %: an agent has some dozen tags, each of which would be wrong once in twenty at 95 %. */
const z99 = 2.5758;

/** Histories by the kind of task that they are of: `surface/complexity`. */
export type ByKind = ReadonlyMap<string, AgentHistory>;

/**
 * What an agent is good or bad at, learned from its outcomes. It is compared kind by kind of task with what other agents
 * passed under the same tag (or, where no other was tried, with what it passed without the tag), so that easy tasks make
 * nobody a specialist. Most evidence first.
 */
export function learnSpecialisations(own: ByKind, others: readonly ByKind[]): readonly Specialisation[] {
  const tags = new Set([...own.values()].flatMap((history) => Object.keys(history.tags)));
  return [...tags]
    .map((tag) => judgeTag(tag, own, others))
    .filter((one) => one !== null)
    .toSorted((a, b) => b.n - a.n || (a.tag < b.tag ? -1 : 1));
}

function judgeTag(tag: string, own: ByKind, others: readonly ByKind[]): Specialisation | null {
  let n = 0;
  let passed = 0;
  let expected = 0;
  let peers = 0;
  for (const [kind, history] of own) {
    const mine = history.tags[tag];
    if (mine === undefined) continue;
    const peer = pool(others.map((one) => one.get(kind)?.tags[tag]));
    const rest = { n: history.n - mine.n, passed: history.passed - mine.passed };
    const against = peer.n > 0 ? peer : rest;
    // A kind that there is nothing to compare with says nothing.
    if (against.n === 0) continue;
    n += mine.n;
    passed += mine.passed;
    peers += peer.n;
    expected += (mine.n * against.passed) / against.n;
  }
  if (n < floor) return null;
  const [low, high] = wilson(passed, n);
  const mean = expected / n;
  const verdict = low > mean ? 'specialised' : high < mean ? 'weak' : 'undecided';
  return { tag, n, passed, expected: mean, low, high, verdict, peers };
}

interface Tally {
  readonly n: number;
  readonly passed: number;
}

function pool(tallies: readonly (Tally | undefined)[]): Tally {
  return tallies.reduce<Tally>((sum, one) => ({ n: sum.n + (one?.n ?? 0), passed: sum.passed + (one?.passed ?? 0) }), {
    n: 0,
    passed: 0,
  });
}

/** Wilson's score interval of a share at 99 %. @see Wilson, JASA 22 (1927) 209 */
function wilson(passed: number, n: number): readonly [number, number] {
  const p = passed / n;
  const middle = p + z99 ** 2 / (2 * n);
  const half = z99 * Math.sqrt((p * (1 - p)) / n + z99 ** 2 / (4 * n * n));
  const scale = 1 + z99 ** 2 / n;
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}
