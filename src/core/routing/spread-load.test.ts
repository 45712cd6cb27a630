import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { drawArm } from './draw-arm.js';
import { groupEquals, spreadLoad, usualSpread } from './spread-load.js';

type Arm = Parameters<typeof groupEquals>[0][number];

const plain = { cost_weight: 0, latency_weight: 0 };
const arm = (success: number, more: Partial<Arm> & { readonly model?: string } = {}): Arm => {
  const { model = '', ...rest } = more;
  const name = { agent: 'a', version: '1', model };
  return { arm: name, success, evidence: 10, cost_micro_usd: 100, latency_ms: 1000, ...rest };
};

const arms = fc.array(
  fc.record({
    success: fc.integer({ min: 0, max: 20 }).map((n) => n / 100),
    model: fc.constantFrom('', 'm', 'n'),
    evidence: fc.integer({ min: 0, max: 500 }),
    cost_micro_usd: fc.constantFrom(0, 100, 140, 1000),
    weight: fc.integer({ min: 0, max: 9 }),
    utilisation: fc.integer({ min: 0, max: 4 }).map((n) => n / 2),
  }),
  { minLength: 1, maxLength: 12 },
);
const scenes = arms
  .filter((all) => all.some(({ weight }) => weight > 0))
  .map((all) => {
    const total = all.reduce((sum, { weight }) => sum + weight, 0);
    return {
      arms: all.map(({ success, ...more }) => arm(success, more)),
      weighed: all.map(({ weight }) => weight / total),
      spread: { ...usualSpread, utilisations: all.map(({ utilisation }) => utilisation) },
    };
  });

const sumAt = (values: readonly number[], places: readonly number[]): number =>
  places.reduce((sum, at) => sum + (values[at] ?? 0), 0);

describe('equals', () => {
  it('are within the tolerance of the best among them, at about the same price', () => {
    const three = [arm(0.6), arm(0.585), arm(0.57)];
    // The third is near the second, and too far from the best of the group.
    expect(groupEquals(three, usualSpread, plain)).toEqual([[0, 1], [2]]);
    expect(groupEquals([arm(0.6), arm(0.6, { cost_micro_usd: 151 })], usualSpread, plain)).toEqual([[0], [1]]);
    expect(groupEquals([arm(0.6), arm(0.6, { cost_micro_usd: 150 })], usualSpread, plain)).toEqual([[0, 1]]);
    expect(groupEquals([arm(0.6, { cost_micro_usd: 0 }), arm(0.6)], usualSpread, plain)).toEqual([[0], [1]]);
  });

  it('are compared by what dollars and minutes take off', () => {
    const slow = arm(0.6, { latency_ms: 60_000 });
    expect(groupEquals([slow, arm(0.6)], usualSpread, { cost_weight: 0, latency_weight: 0.1 })).toEqual([[1], [0]]);
  });

  it('may differ by luck where they ask the same model, the less the more is known of them', () => {
    const pair = (model: string, evidence: number) => [
      arm(0.6, { model, evidence }),
      arm(0.5, { model: 'm', evidence }),
    ];
    expect(groupEquals(pair('m', 10), usualSpread, plain)).toEqual([[0, 1]]);
    expect(groupEquals(pair('n', 10), usualSpread, plain)).toEqual([[0], [1]]);
    expect(groupEquals(pair('m', 500), usualSpread, plain)).toEqual([[0], [1]]);
  });

  test.prop([scenes])('put every arm in one group', ({ arms: all }) => {
    const groups = groupEquals(all, usualSpread, plain);
    expect(groups.flat().toSorted((a, b) => a - b)).toEqual([...all.keys()]);
  });
});

describe('chances under load', () => {
  test.prop([scenes])('sum to 1, group by group to what the policy gave', ({ arms: all, weighed, spread }) => {
    const after = spreadLoad(weighed, all, spread, plain);
    expect(sumAt(after, [...all.keys()])).toBeCloseTo(1, 12);
    for (const group of groupEquals(all, spread, plain)) {
      expect(sumAt(after, group)).toBeCloseTo(sumAt(weighed, group), 12);
    }
  });

  test.prop([scenes], { numRuns: 30 })('are how often evenly spaced draws fall on each arm', (scene) => {
    const after = spreadLoad(scene.weighed, scene.arms, scene.spread, plain);
    const draws = 5000;
    const fell = after.map(() => 0);
    for (let draw = 0; draw < draws; draw += 1) {
      const at = drawArm(after, (draw + 0.5) / draws);
      fell[at] = (fell[at] ?? 0) + 1;
    }
    for (const [at, count] of fell.entries()) expect(count / draws).toBeCloseTo(after[at] ?? 0, 3);
  });

  test.prop([scenes])('never turn in favour of the busier of two equals that the policy held alike', (scene) => {
    const { arms: all, spread } = scene;
    const even = all.map(() => 1 / all.length);
    const after = spreadLoad(even, all, spread, plain);
    for (const group of groupEquals(all, spread, plain)) {
      for (const one of group) {
        for (const other of group) {
          if ((spread.utilisations[one] ?? 0) > (spread.utilisations[other] ?? 0)) {
            expect(after[one]).toBeLessThan(after[other] ?? 0);
          }
        }
      }
    }
  });

  it('stay the policy’s own, bit for bit, where all are equally busy', () => {
    const weighed = [0.1, 0.7, 0.2];
    const spread = { ...usualSpread, utilisations: [0.5, 0.5, 0.5] };
    expect(spreadLoad(weighed, [arm(0.6), arm(0.6), arm(0.6)], spread, plain)).toBe(weighed);
  });
});
