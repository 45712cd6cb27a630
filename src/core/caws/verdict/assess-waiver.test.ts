import { describe, expect, it } from 'vitest';
import { assessWaiver } from './assess-waiver.js';
import { deriveBudgetRaise } from './derive-budget-raise.js';
import * as fixture from './fixtures/matter.js';
import { waiverGateOf } from './waiver-gate.js';

const assess = (...input: Parameters<typeof fixture.submitted>) =>
  assessWaiver(fixture.submitted(...input), fixture.waiverContext);

describe('assessWaiver', () => {
  it('known hole of the public tool, "anyone may self-approve a waiver", is closed', () => {
    const own = assess({ requester: 'alice@example.com', approvers: ['alice@example.com'] });
    expect(own).toMatchObject({ standing: 'refused', reason: 'self_approved' });
    const otherName = assess(
      { requester: 'al' },
      {
        signature: { state: 'valid', signer: 'alice@example.com', principals: ['alice@example.com', 'al'], keyId: 'k' },
      },
    );
    expect(otherName).toMatchObject({ standing: 'refused', reason: 'self_approved' });
    const byWorker = assess({}, { signature: fixture.signedBy('worker') });
    expect(byWorker).toMatchObject({ standing: 'refused', reason: 'not_an_approver' });
    const byName = assess({}, { signature: { state: 'unsigned', detail: 'it has no .sig file' } });
    expect(byName).toMatchObject({ standing: 'refused', reason: 'unsigned' });
  });

  it('names a file that did not load by its path, with the reason', () => {
    expect(assess({}, { waiver: null, fault: 'line 3: not a waiver' })).toMatchObject({
      id: '.caws/waivers/WV-0001.yaml',
      reason: 'malformed',
      detail: 'line 3: not a waiver',
      gates: [],
    });
  });

  it.each([
    [{ createdMs: null }, 'no_creation_time'],
    [{ gates: [] }, 'no_gates'],
    [{ delta: { maxFiles: 0, maxLoc: -1 } }, 'negative_delta'],
    [{ reason: null }, 'no_reason'],
  ] as const)('refuses %j as %s', (parts, reason) => {
    expect(assess({ ...parts, gates: 'gates' in parts ? [] : ['budget_limit'] })).toMatchObject({ reason });
  });

  it('lets a policy shorten what the tier allows, never lengthen it', () => {
    const ofDays = (days: number, maxDurationDays: number) =>
      assessWaiver(fixture.submitted({ createdMs: fixture.nowMs, expiresMs: fixture.nowMs + days * fixture.day }), {
        ...fixture.waiverContext,
        policy: { waiverApproval: { requiredApprovers: 0, maxDurationDays }, minApproversForBudgetRaise: 0 },
      }).standing;
    expect([ofDays(5, 5), ofDays(6, 5), ofDays(30, 365), ofDays(31, 365)]).toEqual([
      'valid',
      'refused',
      'valid',
      'refused',
    ]);
  });

  it('asks for one signature even where a policy asks for none', () => {
    const policy = { waiverApproval: { requiredApprovers: 0, maxDurationDays: null }, minApproversForBudgetRaise: 0 };
    const unsigned = fixture.submitted({}, { signature: { state: 'unsigned', detail: '' } });
    expect(assessWaiver(unsigned, { ...fixture.waiverContext, policy })).toMatchObject({ reason: 'unsigned' });
  });
});

describe('a waiver that is for one task, repository and use', () => {
  const scope = { specId: 'PROJ-1', paths: [], taskId: 'T1', repositoryId: 'R1' };
  const at = (more: Partial<typeof fixture.waiverContext>, parts: Parameters<typeof fixture.submitted>[0] = {}) =>
    assessWaiver(fixture.submitted({ scope, ...parts }), {
      ...fixture.waiverContext,
      taskId: 'T1',
      repositoryId: 'R1',
      ...more,
    });

  it('counts there, and nowhere else', () => {
    expect(at({})).toMatchObject({ standing: 'valid' });
    expect(at({ taskId: 'T2' })).toMatchObject({ reason: 'wrong_task' });
    expect(at({ taskId: null })).toMatchObject({ reason: 'wrong_task' });
    expect(at({ repositoryId: 'R2' })).toMatchObject({ reason: 'wrong_repository' });
    expect(assessWaiver(fixture.submitted({ scope }), fixture.waiverContext)).toMatchObject({
      reason: 'wrong_repository',
    });
  });

  it('counts as often as it says, never more', () => {
    const used = (...verdicts: string[]) => ({ usesOf: () => verdicts });
    expect(at(used('V1'))).toMatchObject({ reason: 'used_up', detail: 'verdict V1 has used it (max_uses: 1)' });
    expect(at(used('V1'), { maxUses: 2 })).toMatchObject({ standing: 'valid' });
    expect(at(used('V1', 'V2'), { maxUses: 2 })).toMatchObject({ reason: 'used_up' });
    expect(at({}, { maxUses: 0 })).toMatchObject({ reason: 'used_up', detail: 'it may never be used (max_uses: 0)' });
  });

  it('is gone once an approver has denied or revoked it, whatever else is signed', () => {
    const gone = (kind: 'denied' | 'revoked') =>
      assessWaiver(fixture.submitted({}, { withdrawn: { kind, by: 'dave@example.com' } }), fixture.waiverContext);
    expect(gone('denied')).toMatchObject({ reason: 'denied', detail: 'dave@example.com has denied it' });
    expect(gone('revoked')).toMatchObject({ reason: 'revoked' });
  });

  it('does not count when the worker asked for it', () => {
    expect(at({}, { requester: '@Coding-Agent' })).toMatchObject({ reason: 'requested_by_worker' });
  });
});

describe('deriveBudgetRaise', () => {
  it('adds the deltas of valid waivers of budget_limit, and says why it left each other out', () => {
    const delta = { maxFiles: 2, maxLoc: 300 };
    const raise = deriveBudgetRaise([
      assess({ id: 'WV-0001', dialect: 'B', delta }),
      assess({ id: 'WV-0001', dialect: 'B', delta }),
      assess({ id: 'WV-0002', dialect: 'B', delta: { maxFiles: 1, maxLoc: 0 } }),
      assess({ id: 'WV-0003', gates: ['coverage_threshold'], delta }),
      assess({ id: 'WV-0004', delta, scope: { specId: null, paths: ['src'] } }),
      assess({ id: 'WV-0005' }),
      assess({ id: 'WV-0006', delta, status: 'revoked' }),
    ]);
    expect(raise).toEqual({
      maxFiles: 3,
      maxLoc: 300,
      applied: ['WV-0001', 'WV-0002'],
      skipped: [
        { id: 'WV-0001', reason: 'duplicate' },
        { id: 'WV-0003', reason: 'gate_not_covered' },
        { id: 'WV-0004', reason: 'limited_to_paths' },
        { id: 'WV-0005', reason: 'no_delta' },
        { id: 'WV-0006', reason: 'status_not_active' },
      ],
    });
  });
});

describe('waiverGateOf', () => {
  it.each([
    ['budget.files', 'budget_limit'],
    ['scope.out', 'scope_boundary'],
    ['gate.coverage', 'coverage_threshold'],
    ['coverage.branch', 'coverage_threshold'],
    ['B4', 'mutation_threshold'],
    ['gate.mutation', 'mutation_threshold'],
    ['gate.contracts', 'contract_compliance'],
    ['gate.security', 'security_scan'],
    ['gate.accessibility', 'accessibility_check'],
    ['gate.performance', 'performance_budget'],
    ['spec.acceptance', 'spec_completeness'],
    ['D4', 'rule:D4'],
    ['gate.lint', 'rule:gate.lint'],
    ['budgetary', 'rule:budgetary'],
  ])('%s is waived by %s', (rule, gate) => {
    expect(waiverGateOf(rule)).toBe(gate);
  });
});
