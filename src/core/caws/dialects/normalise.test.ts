import { describe, expect, it } from 'vitest';
import { policySchema } from '../policy.js';
import { waiverSchema } from '../waiver.js';
import { workingSpecSchema } from '../working-spec.js';
import { normalisePolicy } from './normalise-policy.js';
import { normaliseSpec, tierOf } from './normalise-spec.js';
import { normaliseWaiver } from './normalise-waiver.js';

const specB = {
  id: 'FEAT-001',
  title: 'Sort',
  status: 'in_progress',
  risk_tier: 'T2',
  mode: 'development',
  change_budget: { max_files: 3, max_loc: 40 },
  blast_radius: { modules: ['a', 7] },
  operational_rollback_slo: '30m',
  scope: { in: ['src'], out: ['dist'] },
  invariants: ['i'],
  acceptance: [],
  acceptance_criteria: [
    { id: 'one', description: 'it works' },
    { given: 'g', when: 'w', then: 1 },
  ],
  non_functional: { security: ['s'] },
  contracts: [{ type: 'openapi', path: 'api.yaml' }],
};

describe('normaliseSpec', () => {
  it('reads older names and words', () => {
    const spec = normaliseSpec('B', specB);
    expect(workingSpecSchema.parse(spec)).toEqual(spec);
    expect(spec).toMatchObject({
      riskTier: 2,
      mode: 'feature',
      lifecycle: 'active',
      changeBudget: { maxFiles: 3, maxLoc: 40 },
      blastRadius: { modules: ['a'], dataMigration: false },
      acceptance: [
        { id: 'one', then: 'it works' },
        { id: 'A2', given: 'g', then: '1' },
      ],
      contracts: [{ type: 'openapi', name: null, path: 'api.yaml' }],
      rollbackSlo: '30m',
    });
  });

  it('leaves a budget out where dialect C forbids it, or where it is no budget', () => {
    expect(normaliseSpec('C', specB).changeBudget).toBeNull();
    expect(normaliseSpec('B', { ...specB, change_budget: { max_files: 3, max_loc: -1 } }).changeBudget).toBeNull();
  });

  it.each([
    [1, 1],
    ['3', 3],
    ['t2', 2],
    ['T4', null],
    [1.5, null],
    [true, null],
    [null, null],
  ])('tier %j is %j', (value, tier) => {
    expect(tierOf(value)).toBe(tier);
  });
});

describe('normalisePolicy', () => {
  it('turns percent into basis points, by tier and for all', () => {
    const tier = { max_files: 1, max_loc: 2 };
    const policy = normalisePolicy('B', {
      risk_tiers: { 1: { ...tier, coverage_threshold: 92.5 }, 2: tier, 3: tier },
      coverage_threshold: 60,
      edit_rules: { min_approvers_for_budget_raise: 2 },
      waivers: { min_approvers_for_budget_raise: 9 },
      waiver_approval: { required_approvers: 0, max_duration_days: 14 },
      gates: { a: { enabled: true } },
    });
    expect(policySchema.parse(policy)).toEqual(policy);
    expect(policy).toMatchObject({
      coverageBp: { 1: 9250, 2: 6000, 3: 6000 },
      mutationBp: { 1: null, 2: null, 3: null },
      minApproversForBudgetRaise: 2,
      waiverApproval: { requiredApprovers: 0, maxDurationDays: 14 },
      gates: { a: { enabled: true, mode: 'block', thresholds: {} } },
    });
  });

  it('reads the approvers of dialect C where they moved to', () => {
    expect(normalisePolicy('C', { waivers: { min_approvers_for_budget_raise: 3 } }).minApproversForBudgetRaise).toBe(3);
  });
});

describe('normaliseWaiver', () => {
  it('reads the fields of either dialect', () => {
    const waiver = normaliseWaiver('B', {
      id: 'WV-0001',
      applies_to: 'FEAT-001',
      description: 'why',
      mitigation_plan: 'how',
      status: 'active',
      gates: ['budget_limit'],
      approvers: [
        { handle: 'alice', approved_at: '2026-11-02T00:00:00Z' },
        'bob',
        { handle: 'alice', approved_at: '2026-11-01T00:00:00Z' },
      ],
      expires_at: '2026-12-01',
      delta: { max_files: -1, max_loc: 'x' },
    });
    expect(waiverSchema.parse(waiver)).toEqual(waiver);
    expect(waiver).toMatchObject({
      title: 'why',
      reason: 'why',
      mitigation: 'how',
      approvers: ['alice', 'bob'],
      createdMs: Date.parse('2026-11-01T00:00:00Z'),
      expiresMs: Date.parse('2026-12-01T00:00:00Z'),
      delta: { maxFiles: -1, maxLoc: 0 },
      maxUses: 1,
      scope: { specId: 'FEAT-001', paths: [] },
    });
  });

  it('takes a status that it does not know for revoked', () => {
    expect(normaliseWaiver('C', { id: 'A-1', status: 'ACTIVE' }).status).toBe('revoked');
  });

  it('reads a time without zone as UTC', () => {
    expect(normaliseWaiver('B', { id: 'A-1', expires_at: '2026-12-01 10:00:00' }).expiresMs).toBe(
      Date.parse('2026-12-01T10:00:00Z'),
    );
    expect(normaliseWaiver('B', { id: 'A-1', expires_at: 5 }).expiresMs).toBeNull();
  });
});
