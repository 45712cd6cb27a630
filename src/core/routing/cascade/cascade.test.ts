import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../fault.js';
import { outlookAfterRefusals } from './belief.js';
import { measureCorrelation, outlookFromEstimates } from './difficulty.js';
import { foreseePlan } from './foresee.js';
import { frontOfSequences } from './front.js';
import { type Outlook, meanOf, outlookFromTrials } from './outlook.js';
import { acceptance, goodIfAccepted, stopBelow } from './verifier.js';

const perfect = { false_accept: 0, false_reject: 0 };
const real = { false_accept: 0.1, false_reject: 0.05 };
const names = ['a', 'b', 'c', 'd', 'e', 'f'];
/** Trials in which everything takes a second. */
const trialsOf = (rows: readonly { success: number[]; cost: number[] }[]) =>
  rows.map((row) => ({ ...row, latencyMs: row.success.map(() => 1000) }));
const outlookOf = (rows: readonly { success: number[]; cost: number[] }[]) =>
  outlookFromTrials(names.slice(0, rows[0]?.success.length ?? 0), trialsOf(rows));
const anyVerifier = fc.record({
  false_accept: fc.double({ min: 0, max: 1, noNaN: true }),
  false_reject: fc.double({ min: 0, max: 1, noNaN: true }),
});
const anyOutlook = fc.integer({ min: 1, max: 5 }).chain((count) =>
  fc
    .array(
      fc.record({
        success: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: count, maxLength: count }),
        cost: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: count, maxLength: count }),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((trials) => outlookOf(trials)),
);

/** All sequences without repetition, for comparison. */
function orders(agents: readonly string[], longest: number): string[][] {
  if (longest === 0) return [];
  return agents.flatMap((agent) => [
    [agent],
    ...orders(
      agents.filter((other) => other !== agent),
      longest - 1,
    ).map((rest) => [agent, ...rest]),
  ]);
}

const estimates = (successes: readonly number[]) =>
  successes.map((success, index) => ({
    agent: names[index] ?? '',
    success,
    cost: 5,
    latencyMs: 60,
    latencySpread: 0.5,
  }));
const cascade = (steps: string[]) => ({ kind: 'cascade', steps, stop_below: 0 }) as const;

describe('what a plan is expected to come to', () => {
  const trials = [
    { success: [1, 0], cost: [10, 100] },
    { success: [0, 1], cost: [20, 200] },
    { success: [0, 0], cost: [30, 300] },
    { success: [1, 1], cost: [40, 400] },
  ];
  const outlook = outlookOf(trials);

  it('stops a cascade at the first PASS, and pays only for what has begun', () => {
    expect(foreseePlan(cascade(['a', 'b']), outlook, perfect)).toEqual({
      landed: 0.75,
      wrong: 0,
      none: 0.25,
      ifLastLanded: 0.75,
      cost: (10 + 20 + 200 + 30 + 300 + 40) / 4,
      latencyMs: 1500,
      begun: 1.5,
    });
  });

  it('counts what a wrong verdict lands, refuses, and makes dearer', () => {
    const seen = foreseePlan(cascade(['a', 'b']), outlook, real);
    // Row by row: a good at 1 and 4, b good at 2 and 4.
    expect(seen.landed).toBeCloseTo((0.95 + 0.9 * 0.95 + 0 + (0.95 + 0.05 * 0.95)) / 4, 12);
    expect(seen.wrong).toBeCloseTo((0.05 * 0.1 + 0.1 + (0.1 + 0.9 * 0.1)) / 4, 12);
    expect(seen.ifLastLanded - seen.landed).toBeCloseTo((0.9 * 0.05 + 0.05 * 0.05) / 4, 12);
    expect(seen.cost).toBeCloseTo((10 + 0.05 * 100 + 20 + 0.9 * 200 + 30 + 0.9 * 300 + 40 + 0.05 * 400) / 4, 12);
  });

  it('pays in a race for the losers until they are stopped', () => {
    const uneven = outlookFromTrials(['a', 'b'], [{ success: [1, 0.5], cost: [90, 10], latencyMs: [3000, 1000] }]);
    const seen = foreseePlan({ kind: 'race', agents: ['a', 'b'] }, uneven, perfect);
    expect(seen).toMatchObject({ landed: 1, cost: 10 + 0.5 * 30 + 0.5 * 90, latencyMs: 0.5 * 1000 + 0.5 * 3000 });
    // In parallel both run to their end, and the first of the plan is taken.
    const all = foreseePlan({ kind: 'parallel', agents: ['a', 'b'] }, uneven, perfect);
    expect(all).toMatchObject({ landed: 1, cost: 100, latencyMs: 3000, begun: 2 });
  });

  it('starts the second of a hybrid after the hedge, unless the first has passed by then', () => {
    const pair = outlookOf([{ success: [0.5, 1], cost: [10, 100] }]);
    const late = foreseePlan({ kind: 'hybrid', first: 'a', second: 'b', hedge_ms: 1000 }, pair, perfect);
    expect(late).toMatchObject({ landed: 1, cost: 10 + 0.5 * 100, latencyMs: 0.5 * 1000 + 0.5 * 2000, begun: 1.5 });
    const early = foreseePlan({ kind: 'hybrid', first: 'a', second: 'b', hedge_ms: 250 }, pair, perfect);
    expect(early).toMatchObject({ cost: 10 + 0.5 * 75 + 0.5 * 100, latencyMs: 0.5 * 1000 + 0.5 * 1250, begun: 2 });
  });

  test.prop([anyOutlook, anyVerifier, fc.constantFrom('cascade', 'race', 'parallel')])(
    'landed, wrong and none sum to 1; a race and a parallel plan land as often as the cascade, and cost no less',
    (outlookMade, verifier, kind) => {
      const agents = [...outlookMade.agents];
      const seen = foreseePlan(kind === 'cascade' ? cascade(agents) : { kind, agents }, outlookMade, verifier);
      const steps = foreseePlan(cascade(agents), outlookMade, verifier);
      expect(seen.landed + seen.wrong + seen.none).toBeCloseTo(1, 9);
      expect(seen.landed).toBeCloseTo(steps.landed, 9);
      expect(seen.cost).toBeGreaterThanOrEqual(steps.cost - 1e-9);
    },
  );

  test.prop([anyOutlook])('with a perfect verifier another step never lands less', (made) => {
    const agents = [...made.agents];
    const landed = agents.map((_, at) => foreseePlan(cascade(agents.slice(0, at + 1)), made, perfect).landed);
    expect(landed).toEqual(landed.toSorted((a, b) => a - b));
  });

  it.each([
    [{ kind: 'single', agent: 'z' } as const, /z/],
    [{ kind: 'race', agents: ['a', 'a'] } as const, /twice/],
  ])('refuses a plan %j', (plan, told) => {
    expect(() => foreseePlan({ ...plan } as never, outlook, real)).toThrow(told);
  });
});

describe('the front of sequences', () => {
  test.prop([anyOutlook, anyVerifier, fc.double({ min: 0, max: 2, noNaN: true })], { numRuns: 60 })(
    'is what trying all of them finds, and says of each what is expected of it',
    (outlook, verifier, harm) => {
      const agents = [...outlook.agents];
      const front = frontOfSequences(outlook, verifier, { longest: 3, width: 1000, harm, first: null });
      expect(front.exact).toBe(true);
      for (const steps of orders(agents, 3)) {
        const seen = foreseePlan(cascade(steps), outlook, verifier);
        const worth = seen.landed - harm * seen.wrong;
        const beats = front.sequences.some(
          (each) => each.cost <= seen.cost + 1e-9 && each.landed - harm * each.wrong >= worth - 1e-9,
        );
        expect(beats).toBe(true);
      }
      for (const each of front.sequences) {
        const seen = foreseePlan(cascade([...each.steps]), outlook, verifier);
        expect([each.landed, each.wrong, each.cost / 1000]).toEqual(
          [seen.landed, seen.wrong, seen.cost / 1000].map((value) => expect.closeTo(value, 9)),
        );
      }
    },
  );

  it('says when it did not try all, and still finds nearly as much', () => {
    const arms = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const trials = Array.from({ length: 80 }, (_, row) => ({
      success: arms.map((_arm, arm) => ((row * 7919 + arm * 104729 + row * arm * 31) % 101 < 30 + 5 * arm ? 1 : 0)),
      cost: arms.map((_arm, arm) => 10 + arm * arm * 3),
    }));
    const outlook = outlookFromTrials(arms, trialsOf(trials));
    const reach = { longest: 4, harm: 0, first: null };
    const all = frontOfSequences(outlook, real, { ...reach, width: 20_000 });
    const beam = frontOfSequences(outlook, real, { ...reach, width: 40 });
    expect([all.exact, beam.exact]).toEqual([true, false]);
    for (const each of all.sequences) {
      const near = beam.sequences.filter((other) => other.cost <= each.cost * 1.02);
      expect(Math.max(...near.map((other) => other.landed))).toBeGreaterThan(each.landed - 0.02);
    }
  });

  it('begins where it is told', () => {
    const outlook = outlookFromEstimates(estimates([0.3, 0.5, 0.7]), 0.5);
    const front = frontOfSequences(outlook, real, { longest: 3, width: 10, harm: 0, first: 'b' });
    expect(front.sequences.map(({ steps }) => steps[0])).toEqual(['b', 'b', 'b']);
    const strange = () => frontOfSequences(outlook, real, { longest: 3, width: 10, harm: 0, first: 'z' });
    expect(strange).toThrow(/of z/);
  });
});

describe('an outlook from averages', () => {
  test.prop([
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ])('keeps each average, and stays within [0, 1]', (successes, correlation) => {
    const made = outlookFromEstimates(estimates(successes), correlation);
    for (const [arm, success] of successes.entries()) {
      expect(meanOf(made, made.success[arm] ?? [])).toBeCloseTo(success, 9);
      expect((made.success[arm] ?? []).every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(meanOf(made, made.latencyMs[arm] ?? [])).toBeCloseTo(60, 9);
    }
  });

  it('expects less of a second try, the more arms fail together', () => {
    const landed = [0, 0.3, 0.6, 0.9, 1].map(
      (correlation) =>
        foreseePlan(cascade(['a', 'b']), outlookFromEstimates(estimates([0.5, 0.5]), correlation), perfect).landed,
    );
    expect(landed[0]).toBeCloseTo(0.75, 6);
    expect(landed).toEqual(landed.toSorted((a, b) => b - a));
    expect(landed.at(-1)).toBeCloseTo(0.5, 6);
  });

  it.each([0, 0.25, 0.5, 0.75])('is measured back from outcomes of its own: correlation %d', (correlation) => {
    const made = outlookFromEstimates(estimates([0.3, 0.5, 0.7, 0.8]), correlation);
    const rows = made.weight.map((_, row) => made.success.map((column) => column[row] ?? 0));
    expect(measureCorrelation(rows)).toBeCloseTo(correlation, 2);
  });

  it('is 0 where there is nothing to compare', () => {
    expect([measureCorrelation([]), measureCorrelation([[1], [0]]), measureCorrelation([[1, 0]])]).toEqual([0, 0, 0]);
    expect(
      measureCorrelation([
        [1, 0],
        [0, 1],
      ]),
    ).toBe(0);
  });
});

describe('what is believed after refusals', () => {
  test.prop([anyOutlook.filter((made) => made.agents.length > 1), anyVerifier])(
    'a cascade seen step by step is the cascade seen at once',
    (outlook, verifier) => {
      const agents = [...outlook.agents];
      const whole = foreseePlan(cascade(agents), outlook, verifier);
      let reach = 1;
      let landed = 0;
      for (const [at, agent] of agents.entries()) {
        const now = at === 0 ? outlook : outlookAfterRefusals(outlook, verifier, agents.slice(0, at));
        const step = foreseePlan({ kind: 'single', agent }, now, verifier);
        landed += reach * step.landed;
        reach *= step.none;
      }
      expect(landed).toBeCloseTo(whole.landed, 9);
    },
  );

  it('believes less of the next arm, and refuses strangers', () => {
    const outlook: Outlook = outlookOf([
      { success: [1, 1], cost: [1, 1] },
      { success: [0, 0.4], cost: [1, 1] },
    ]);
    const after = outlookAfterRefusals(outlook, perfect, ['a']);
    expect(after.agents).toEqual(['b']);
    expect(meanOf(after, after.success[0] ?? [])).toBeCloseTo(0.4, 12);
    expect(() => outlookAfterRefusals(outlook, perfect, ['z'])).toThrow(/z was refused/);
    expect(() => outlookAfterRefusals(outlook, perfect, ['a', 'b'])).toThrow(/no agent/);
  });
});

describe('the verifier', () => {
  it('stops where a step brings no more than it costs', () => {
    expect(stopBelow(perfect, 0.2, 0)).toBeCloseTo(0.2, 12);
    const least = stopBelow(real, 0.05, 1);
    const gain = (q: number) => q * 0.95 - (1 - q) * 0.1 - 0.05;
    expect(gain(least)).toBeCloseTo(0, 12);
    expect(stopBelow(real, 5, 0)).toBe(1);
    expect(stopBelow({ false_accept: 0, false_reject: 1 }, 0, 0)).toBe(1);
  });

  it('makes a PASS worth what Bayes says', () => {
    expect(acceptance(0.5, real)).toBeCloseTo(0.525, 12);
    expect(goodIfAccepted(0.5, real)).toBeCloseTo(0.475 / 0.525, 12);
    expect(goodIfAccepted(0, perfect)).toBe(0);
  });
});

describe('bad input', () => {
  const good = { success: [0.5], cost: [1], latencyMs: [1] };
  const one = (changed: Partial<typeof good>) => () => outlookFromTrials(['a'], [good, { ...good, ...changed }]);
  const estimate = { agent: 'a', success: 1, cost: 1, latencyMs: 1, latencySpread: 0 };
  const two = { success: [1, 1], cost: [1, 1], latencyMs: [1, 1] };
  it.each([
    ['no trial', () => outlookFromTrials(['a'], []), /no row/],
    ['no agent', () => outlookFromTrials([], [{ success: [], cost: [], latencyMs: [] }]), /no agent/],
    ['a doubled agent', () => outlookFromTrials(['a', 'a'], [two]), /twice/],
    ['a NaN success', one({ success: [Number.NaN] }), /success of a is NaN/],
    ['a success above 1', one({ success: [1.5] }), /success of a is 1.5/],
    ['a negative cost', one({ cost: [-1] }), /cost of a is -1/],
    ['an infinite cost', one({ cost: [Infinity] }), /cost of a is Infinity/],
    ['a negative latency', one({ latencyMs: [-1] }), /latency of a is -1/],
    ['a short trial', () => outlookFromTrials(['a', 'b'], [two, good]), /trial 2/],
    ['a correlation above 1', () => outlookFromEstimates([estimate], 1.1), /1\.1/],
    ['a negative spread', () => outlookFromEstimates([{ ...estimate, latencySpread: -1 }], 0.5), /spreads by -1/],
  ])('refuses %s, naming it', (_name, make, told) => {
    let thrown: unknown;
    try {
      make();
    } catch (error) {
      thrown = error;
    }
    expect(isFault(thrown, 'CASCADE_INPUT_INVALID') && told.test(thrown.message)).toBe(true);
  });
});
