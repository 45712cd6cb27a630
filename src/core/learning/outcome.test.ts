import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type KnownExecution, admitOutcome, clockToleranceMs } from './admit-outcome.js';
import { type Outcome, outcomeKey, outcomeSchema } from './outcome.js';
import { rewardOf } from './reward.js';

const nowMs = 1_764_000_000_000;
const outcome: Outcome = {
  decision_id: '01JDQ5E4M0ABCDEFGHJKMNPQRS',
  task_id: '01JDQ5E4M0ABCDEFGHJKMNPQRT',
  attempt: 1,
  candidate: 0,
  arm: { agent: 'pi', version: '1', model: 'm' },
  surface: 'code-editing',
  complexity: 'standard',
  verdict: 'FAIL',
  reward: 0,
  cost_micro_usd: 900,
  latency_ms: 4000,
  first_token_ms: null,
  input_tokens: 10,
  output_tokens: 5,
  turns: 2,
  tool_calls: null,
  tool_turns: null,
  unsupported_claims: 0,
  context_retained: null,
  verifier: '0.2.0',
  seed: 7,
  prompt: 'work@1',
  at_ms: nowMs - 1000,
  revision: 0,
};
const known: KnownExecution = {
  startedMs: nowMs - 5000,
  agent: 'pi',
  decisionId: outcome.decision_id,
  isFolded: false,
  latest: null,
};

describe('an outcome', () => {
  it('is read back as it was written, and named by task, attempt and candidate', () => {
    expect(outcomeSchema.parse(JSON.parse(JSON.stringify(outcome)))).toEqual(outcome);
    expect(outcomeKey(outcome)).toBe('01JDQ5E4M0ABCDEFGHJKMNPQRT/1/0');
  });

  it.each([
    ['cost_micro_usd', -1],
    ['cost_micro_usd', Number.NaN],
    ['reward', 1.01],
    ['context_retained', -0.1],
    ['verdict', 'GOOD'],
  ])('is refused where %s is %s', (field, value) => {
    expect(outcomeSchema.safeParse({ ...outcome, [field]: value }).error?.issues[0]?.path).toEqual([field]);
  });
});

describe('an outcome that comes in', () => {
  const admit = (more: Partial<Outcome>, about: Partial<KnownExecution> | null = {}): string =>
    admitOutcome(about === null ? null : { ...known, ...about }, { ...outcome, ...more }, nowMs).admission;

  it.each([
    ['the first word', 'first', {}, {}],
    ['the same word again', 'duplicate', {}, { latest: outcome }],
    ['the same word from a moved clock', 'duplicate', { at_ms: nowMs }, { latest: outcome }],
    ['a correction', 'revised', { revision: 1, verdict: 'PASS', reward: 1 }, { latest: outcome }],
    ['an older word', 'stale', {}, { latest: { ...outcome, revision: 3 } }],
    ['another word of the same number', 'conflicting', { reward: 0.5 }, { latest: outcome }],
    ['about nothing that is known', 'unknown-decision', {}, null],
    ['about another decision', 'unknown-decision', { decision_id: null }, {}],
    ['about another agent', 'other-arm', { arm: { ...outcome.arm, agent: 'codex' } }, {}],
    ['about a month that was folded', 'finished-decision', {}, { isFolded: true }],
    ['from a clock far ahead', 'clock-skew', { at_ms: nowMs + clockToleranceMs + 1 }, {}],
    ['from long before the work', 'clock-skew', { at_ms: known.startedMs - clockToleranceMs - 1 }, {}],
  ] as const)('%s: %s', (_, admission, more, about) => {
    expect(admit(more, about)).toBe(admission);
  });

  it('is moved between the start of the work and now where its clock is a little off', () => {
    const ahead = admitOutcome(known, { ...outcome, at_ms: nowMs + 2000 }, nowMs);
    expect([ahead.outcome?.at_ms, ahead.skewMs]).toEqual([nowMs, 2000]);
    const behind = admitOutcome(known, { ...outcome, at_ms: known.startedMs - 70 }, nowMs);
    expect([behind.outcome?.at_ms, behind.skewMs]).toEqual([known.startedMs, -70]);
  });

  test.prop([fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 })])(
    'in whatever order revisions come and how often, the greatest is what stands',
    (revisions) => {
      let latest: Outcome | null = null;
      for (const revision of revisions) {
        const told = admitOutcome({ ...known, latest }, { ...outcome, revision, turns: revision }, nowMs);
        latest = told.outcome ?? latest;
      }
      expect(latest).toMatchObject({ revision: Math.max(...revisions), turns: Math.max(...revisions) });
    },
  );
});

describe('a reward', () => {
  test.prop([
    fc.constantFrom('PASS', 'FAIL', 'WAIVER_REQUIRED', 'FAULT'),
    fc.constantFrom('code-editing', 'research-assistant', 'data-analysis', null),
    fc.double(),
    fc.double(),
  ])('lies between 0 and 1 whatever it is asked, and no verdict beats PASS', (verdict, surface, cost, perUsd) => {
    const reward = rewardOf(verdict, surface, cost, perUsd);
    expect(reward).toBeGreaterThanOrEqual(0);
    expect(reward).toBeLessThanOrEqual(rewardOf('PASS', surface, cost, perUsd));
  });

  it('takes off the price only where it is asked to', () => {
    expect(rewardOf('PASS', 'code-editing', 2_000_000)).toBe(1);
    expect(rewardOf('PASS', 'code-editing', 2_000_000, 0.1)).toBeCloseTo(0.8, 12);
    expect(rewardOf('WAIVER_REQUIRED', 'code-editing')).toBe(0.4);
    expect(rewardOf('FAULT', null)).toBe(0);
  });
});
