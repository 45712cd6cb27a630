import { describe, expect, it } from 'vitest';
import { createRandom } from '../random.js';
import { type OffPolicyFloor, type OffPolicySample, evaluateOffPolicy, offPolicyReportSchema } from './off-policy.js';

const anything: OffPolicyFloor = { effective: 0.1, uncovered: 1 };
const sample = (fields: Partial<OffPolicySample>): OffPolicySample => ({
  propensity: 0.5,
  target: 0.5,
  reward: 1,
  predicted: 0,
  expected: 0,
  uncovered: 0,
  ...fields,
});

describe('off-policy evaluation', () => {
  it('gives the values that the formulas give by hand', () => {
    const report = evaluateOffPolicy(
      [
        sample({ propensity: 0.5, target: 1, reward: 1, predicted: 0.5, expected: 0.6 }),
        sample({ propensity: 0.25, target: 0.25, reward: 0, predicted: 0.5, expected: 0.4 }),
      ],
      anything,
    );
    expect(report).toMatchObject({
      kind: 'estimated',
      ips: { value: 1 },
      dr: { value: (0.6 + 2 * 0.5 + 0.4 - 0.5) / 2 },
      effective: 9 / 5,
      greatest_weight: 2,
    });
    expect(report.kind === 'estimated' && report.snips.value).toBeCloseTo(2 / 3, 12);
    expect(offPolicyReportSchema.parse(report)).toEqual(report);
  });

  it('of the log’s own policy is what the log earned', () => {
    const report = evaluateOffPolicy(
      [0, 1, 1, 0, 1].map((reward) => sample({ reward })),
      anything,
    );
    expect(report).toMatchObject({ ips: { value: 0.6 }, snips: { value: 0.6 }, logged: { value: 0.6 } });
  });

  it('covers the truth of a simulated log, each estimator, and with a true model DR is the narrowest', () => {
    const random = createRandom(5);
    const truth = [0.3, 0.5, 0.8];
    const logging = [0.6, 0.3, 0.1];
    const target = [0.1, 0.2, 0.7];
    const expected = truth.reduce((sum, mean, arm) => sum + mean * target[arm]!, 0);
    const samples = Array.from({ length: 4000 }, () => {
      const draw = random.uniform();
      const arm = draw < 0.6 ? 0 : draw < 0.9 ? 1 : 2;
      const reward = random.uniform() < truth[arm]! ? 1 : 0;
      return sample({ propensity: logging[arm]!, target: target[arm]!, reward, predicted: truth[arm]!, expected });
    });
    const report = evaluateOffPolicy(samples);
    if (report.kind !== 'estimated') throw new Error(report.why);
    for (const { value, standard_error } of [report.ips, report.snips, report.dr]) {
      expect(Math.abs(value - expected)).toBeLessThan(3 * standard_error);
    }
    expect(report.dr.standard_error).toBeLessThan(report.ips.standard_error);
    expect(report.logged.value).toBeCloseTo(0.41, 1);
  });

  it.each([
    ['no decision at all', [], /worth 0.0 decisions/],
    ['few', Array.from({ length: 29 }, () => sample({})), /worth 29.0 decisions.*30 are wanted/],
    ['a policy that never does the same', Array.from({ length: 99 }, () => sample({ target: 0 })), /worth 0.0/],
    ['arms that the log never tries', Array.from({ length: 99 }, () => sample({ uncovered: 0.2 })), /20.0 % .* never/],
  ])('refuses %s, and says what would help', (_, samples, why) => {
    const report = evaluateOffPolicy(samples);
    expect(report).toMatchObject({ kind: 'refused', why: expect.stringMatching(why) as string });
    expect(report.kind === 'refused' && report.mend).not.toBe('');
  });

  it.each([
    [{ propensity: 0 }, /propensity of decision 1 is 0/],
    [{ propensity: Number.NaN }, /propensity/],
    [{ reward: 2 }, /reward of decision 1 is 2/],
    [{ target: -0.1 }, /target/],
    [{ predicted: Number.NaN }, /prediction/],
  ])('refuses %o', (fields, message) => {
    expect(() => evaluateOffPolicy([sample(fields)])).toThrow(message);
  });
});
