import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../canonical-json.js';
import {
  type AgentHistory,
  type Observation,
  historyKey,
  historySchema,
  noHistory,
  observationSchema,
  observe,
  rebuildHistories,
} from './history.js';
import { inherit, summarise } from './performance.js';

const observation: fc.Arbitrary<Observation> = fc.record({
  decision_id: fc.integer({ min: 0, max: 40 }).map(String),
  revision: fc.integer({ min: 0, max: 3 }),
  agent: fc.constantFrom('a', 'b'),
  version: fc.constantFrom('1', '2'),
  surface: fc.constantFrom('code-editing', 'data-analysis'),
  complexity: fc.constantFrom('trivial', 'complex'),
  tags: fc.uniqueArray(fc.constantFrom('go', 'rust', 'sql'), { maxLength: 3 }),
  passed: fc.boolean(),
  reward: fc.double({ min: 0, max: 1, noNaN: true }),
  cost_micro_usd: fc.integer({ min: 0, max: 50_000_000 }),
  latency_ms: fc.integer({ min: 0, max: 3_600_000 }),
  at_ms: fc.integer({ min: 0, max: 2_000_000_000_000 }),
});
// A decision's revision is one outcome, however often it is told.
const observations = fc.uniqueArray(observation, {
  selector: (one) => `${one.decision_id}/${one.revision}`,
  maxLength: 60,
});
const kind = { surface: 'code-editing', complexity: 'trivial' };
const texts = (histories: ReadonlyMap<string, AgentHistory>) =>
  [...histories]
    .map(([key, history]) => [key, canonicalJson(history)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));

/** As a store does it: one by one, a revision taking back what it revises. */
function takeIn(all: readonly Observation[]): Map<string, AgentHistory> {
  const seen = new Map<string, Observation>();
  const histories = new Map<string, AgentHistory>();
  const add = (one: Observation, times: 1 | -1): void => {
    const after = observe(histories.get(historyKey(one)) ?? noHistory, one, times);
    if (after.n === 0) histories.delete(historyKey(one));
    else histories.set(historyKey(one), after);
  };
  for (const one of all) {
    const before = seen.get(one.decision_id);
    if (before !== undefined && before.revision >= one.revision) continue;
    if (before !== undefined) add(before, -1);
    add(one, 1);
    seen.set(one.decision_id, one);
  }
  return histories;
}

describe('history', () => {
  test.prop([observations, fc.infiniteStream(fc.nat())])(
    'is the same bytes live or rebuilt, in any order, each told twice',
    (all, order) => {
      const shuffled = [...all, ...all]
        .map((one) => ({ one, at: order.next().value ?? 0 }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ one }) => one);
      const rebuilt = texts(rebuildHistories(shuffled));
      expect(texts(takeIn(shuffled))).toEqual(rebuilt);
      expect(texts(rebuildHistories(all))).toEqual(rebuilt);
      for (const [, text] of rebuilt) expect(historySchema.safeParse(JSON.parse(text)).success).toBe(true);
    },
  );

  test.prop([observations, observations])('of one arm is not touched by outcomes of another', (mine, others) => {
    const ofA = mine.filter((one) => one.agent === 'a');
    const ofB = others
      .filter((one) => one.agent === 'b')
      .map((one) => ({ ...one, decision_id: `b${one.decision_id}` }));
    const alone = texts(rebuildHistories(ofA));
    const together = texts(rebuildHistories([...ofB, ...ofA])).filter(([key]) => key.startsWith('a@'));
    expect(together).toEqual(alone);
  });

  it.each([
    [{ reward: NaN }, 'reward'],
    [{ reward: 1.01 }, 'reward'],
    [{ reward: -0.1 }, 'reward'],
    [{ cost_micro_usd: -1 }, 'cost_micro_usd'],
    [{ cost_micro_usd: 0.5 }, 'cost_micro_usd'],
    [{ latency_ms: Infinity }, 'latency_ms'],
    [{ surface: 'Code Editing' }, 'surface'],
  ])('refuses an outcome with %j', (odd, at) => {
    const one = {
      decision_id: 'd',
      agent: 'a',
      version: '1',
      ...kind,
      passed: true,
      reward: 1,
      cost_micro_usd: 1,
      latency_ms: 1,
      at_ms: 1,
    };
    expect(observationSchema.safeParse(one).success).toBe(true);
    expect(observationSchema.safeParse({ ...one, ...odd }).error?.issues[0]?.path).toEqual([at]);
  });
});

describe('performance', () => {
  const outcome = (passed: boolean, cost: number, latency: number): Observation => ({
    decision_id: 'd',
    revision: 0,
    agent: 'a',
    version: '1',
    ...kind,
    tags: [],
    passed,
    reward: passed ? 1 : 0,
    cost_micro_usd: cost,
    latency_ms: latency,
    at_ms: 1,
  });
  const parent = [
    outcome(true, 100, 10),
    outcome(true, 300, 30),
    outcome(false, 200, 20),
    outcome(true, 200, 20),
  ].reduce((history, one) => observe(history, one), noHistory);

  it('says nothing of nothing', () => {
    expect(summarise(kind, noHistory, null)).toEqual({
      ...kind,
      n: 0,
      evidence: 0,
      success: null,
      reward: null,
      reward_sd: null,
      cost_micro_usd: null,
      latency_ms: null,
      latency_p50_ms: null,
      latency_p90_ms: null,
      latency_p99_ms: null,
    });
  });

  it('hands what is known to the next version, for half as much', () => {
    const known = summarise(kind, parent, null);
    expect(known).toMatchObject({ n: 4, evidence: 4, success: 0.75, cost_micro_usd: 200, latency_ms: 20 });
    expect(known.reward_sd).toBeCloseTo(0.5, 12);
    const taken = inherit(known, parent, null, 0.5);
    expect(summarise(kind, noHistory, taken)).toMatchObject({ n: 0, evidence: 2, success: 0.75, cost_micro_usd: 200 });
    // Two of old at 0.75 and two of its own at 0: the running mean over four.
    const own = [outcome(false, 400, 40), outcome(false, 400, 40)].reduce(
      (history, one) => observe(history, one),
      noHistory,
    );
    const now = summarise(kind, own, taken);
    expect(now).toMatchObject({ n: 2, evidence: 4, success: 0.375, cost_micro_usd: 300, latency_ms: 30 });
    expect(now.latency_p99_ms).toBeGreaterThan(39);
    expect(now.latency_p50_ms).toBeLessThan(31);
    // A third version inherits from both, discounted again.
    expect(inherit(now, own, taken, 0.5)).toMatchObject({ evidence: 2, success: 0.375 });
    expect(inherit(now, own, taken, 0)).toBeNull();
    expect(inherit(summarise(kind, noHistory, null), noHistory, null, 0.5)).toBeNull();
  });
});
