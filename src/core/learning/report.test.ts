import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { DataPointOf } from './data-point.js';
import { describePoints, renderDataCard } from './data-card.js';
import type { Outcome } from './outcome.js';
import { reportOn, wilson } from './report.js';

const spend = { micro_usd: 100, input_tokens: 1, output_tokens: 1, turns: 1, wall_ms: 1 };
const end = (more: Partial<DataPointOf<'end'>>): DataPointOf<'end'> => ({
  version: 1,
  task_id: '01JDQ5E4M0ABCDEFGHJKMNPQRT',
  step: 12,
  at_ms: 1_764_000_000_000,
  skew_ms: 0,
  attempt: 1,
  candidate: null,
  agent: null,
  decision_id: null,
  surface: null,
  complexity: null,
  removed: {},
  missing: [],
  kind: 'end',
  state: 'accepted',
  attempts: 1,
  first_agent: 'pi',
  first_verdict: 'PASS',
  escalations: 0,
  fallbacks: 0,
  refinements: 0,
  takeovers: 0,
  spend,
  wall_ms: 5,
  code: null,
  ...more,
});
const outcome = (agent: string, more: Partial<Outcome> = {}): Outcome => ({
  decision_id: null,
  task_id: '01JDQ5E4M0ABCDEFGHJKMNPQRT',
  attempt: 1,
  candidate: 0,
  arm: { agent, version: '1', model: 'm' },
  surface: 'code-editing',
  complexity: null,
  verdict: 'PASS',
  reward: 1,
  cost_micro_usd: 100,
  latency_ms: 10,
  first_token_ms: null,
  input_tokens: 1,
  output_tokens: 1,
  turns: 4,
  tool_calls: null,
  tool_turns: null,
  unsupported_claims: null,
  context_retained: null,
  verifier: null,
  seed: null,
  prompt: null,
  at_ms: 1_764_000_000_000,
  revision: 0,
  ...more,
});

describe('a report', () => {
  it('keeps the plan, its first step and what was not planned apart', () => {
    const report = reportOn(
      [
        end({}),
        end({ state: 'accepted', first_verdict: 'FAIL', escalations: 1 }),
        end({ state: 'failed', first_verdict: 'FAULT', fallbacks: 2 }),
        // Never came to an attempt: it counts against the plan, and not against its first step.
        end({ state: 'rejected', first_verdict: null, attempts: 0 }),
        end({ state: 'cancelled', first_verdict: null }),
      ],
      [],
    );
    expect(report.whole).toEqual({
      ended: 4,
      plan_success: 0.5,
      first_step_success: 1 / 3,
      unplanned_fallback: 1 / 3,
      planned_escalation: 1 / 3,
    });
    expect([report.cancelled, report.micro_usd_per_accepted]).toEqual([1, 250]);
  });

  it('tells of each arm on each surface; adoption only of those executions that tell', () => {
    const { by_arm: arms } = reportOn(
      [],
      [
        outcome('pi', { tool_turns: 3, latency_ms: 30 }),
        outcome('pi', { verdict: 'FAIL', reward: 0, latency_ms: 10 }),
        outcome('pi', { surface: 'data-analysis', unsupported_claims: 2 }),
      ],
    );
    expect(arms.map((arm) => [arm.surface, arm.executions, arm.pass_share, arm.tool_adoption])).toEqual([
      ['code-editing', 2, 0.5, 0.75],
      ['data-analysis', 1, 1, null],
    ]);
    expect(arms[0]?.latency_ms).toEqual({ median: 10, p95: 30 });
  });

  it('of nothing takes no share', () => {
    expect(reportOn([], []).whole.plan_success).toBeNull();
  });

  test.prop([fc.nat(400), fc.nat(400)])(
    'knows by Wilson where a share lies: around it, and within [0, 1]',
    (k, more) => {
      const interval = wilson(k, k + more);
      if (interval === null) expect(k + more).toBe(0);
      else {
        const share = k / (k + more);
        expect(interval[0]).toBeGreaterThanOrEqual(0);
        expect(interval[0]).toBeLessThanOrEqual(share + 1e-12);
        expect(interval[1]).toBeGreaterThanOrEqual(share - 1e-12);
        expect(interval[1]).toBeLessThanOrEqual(1);
      }
    },
  );

  it('agrees with the published example of Wilson: 1 of 10', () => {
    const [low, high] = wilson(1, 10) ?? [0, 0];
    expect(low).toBeCloseTo(0.0179, 4);
    expect(high).toBeCloseTo(0.4042, 4);
  });
});

describe('a data card', () => {
  const made = { file: 'x.jsonl', format: 'jsonl' as const, sha256: 'a', bytes: 1, arbiter: '0', atMs: 0 };

  it('counts what is there, names each field that must be captured, and says what may not be read into it', () => {
    const card = describePoints([end({ removed: { email: 2 } })], made);
    expect(card).toMatchObject({
      points: 1,
      tasks: 1,
      by_kind: { end: 1 },
      removed: { email: 2 },
      missing: { seed: 0 },
    });
    expect(renderDataCard(card)).toContain('weigh by the recorded propensities');
  });

  it('of nothing says so', () => {
    const card = describePoints([], made);
    expect([card.from_ms, card.points]).toEqual([null, 0]);
    expect(renderDataCard(card)).toContain('from nothing to nothing');
  });
});
