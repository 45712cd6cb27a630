import { describe, expect, it } from 'vitest';
import { detectDialect } from './detect-dialect.js';
import { detectKind } from './detect-kind.js';

describe('detectKind', () => {
  it.each([
    [{ risk_tiers: {} }, 'spec.yaml', 'policy'],
    [{ '1': {}, '2': {}, '3': {} }, 'x.json', 'policy'],
    [{ version: 1, gates: {} }, 'x.yaml', 'policy'],
    [{ id: 'WV-0001' }, 'x.yaml', 'waiver'],
    [{ id: 'X-1', gates: ['a'], reason: 'b', approved_by: 'c' }, 'x.yaml', 'waiver'],
    [{ waivers: {} }, 'x.yaml', 'waiver'],
    [{ id: 'X-1', risk_tier: 1, mode: 'fix' }, 'waivers/x.yaml', 'spec'],
    [{ a: 1 }, '.caws/waivers/x.yaml', 'waiver'],
    [{ a: 1 }, '.caws/policy.yaml', 'policy'],
    [null, '.caws/specs/x.yaml', 'spec'],
    [[1], '.caws/working-spec.yaml', 'spec'],
    [{ a: 1 }, 'x.yaml', null],
  ])('%j in %s is %s', (value, path, kind) => {
    expect(detectKind(value, path)).toBe(kind);
  });
});

describe('detectDialect', () => {
  it.each([
    ['spec', { lifecycle_state: 'active', status: 'active', change_budget: {} }, 'C'],
    ['spec', { contracts: [{ name: 'a' }] }, 'C'],
    ['spec', { non_functional: { reliability: [] } }, 'C'],
    ['spec', { status: 'active', contracts: [{ name: 'a' }] }, 'B'],
    ['spec', { id: 'A-1', change_budget: {}, contracts: [{ type: 'openapi' }] }, 'A'],
    ['spec', { id: 'P03-IMPL-01', change_budget: {} }, 'B'],
    ['spec', { id: 'A-1', change_budget: {}, mode: 'docs' }, 'B'],
    ['spec', { id: 'A-1', change_budget: {}, risk_tier: 'T1' }, 'B'],
    ['spec', { id: 'A-1', change_budget: {}, contracts: [{ type: 'project_setup' }] }, 'B'],
    ['spec', { id: 'A-1', change_budget: {}, milestones: [] }, 'B'],
    ['spec', {}, 'B'],
    ['spec', null, 'B'],
    ['policy', { '1': {} }, 'A'],
    ['policy', { edit_rules: { min_approvers_for_budget_raise: 1 }, waivers: {} }, 'B'],
    ['policy', { risk_tiers: {}, waivers: {} }, 'C'],
    ['policy', { risk_tiers: {}, gates: { a: { mode: 'block' } } }, 'C'],
    ['policy', { risk_tiers: {}, gates: { a: { enabled: true } } }, 'B'],
    ['policy', { risk_tiers: {} }, 'B'],
    ['waiver', { approved_by: 'a', approvers: ['a'] }, 'B'],
    ['waiver', { approved_by: 'a' }, 'C'],
  ] as const)('%s %j is %s', (kind, value, dialect) => {
    expect(detectDialect(kind, value)).toBe(dialect);
  });
});
