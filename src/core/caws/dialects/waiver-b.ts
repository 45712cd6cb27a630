import type { Waiver } from '../waiver.js';
import { normaliseWaiver } from './normalise-waiver.js';
import { type PlainRecord, isPresent, isRecord, recordOf, writtenOf } from './plain-data.js';
import { type Checked, type Problem, checkedOf } from './problem.js';
import { reasonCodes } from './reason-codes.js';
import { timeOf } from './spec-fields.js';
import { problemOfWaiver, unlistedWaivers } from './waiver-problems.js';

const statuses = ['proposed', 'active', 'expired', 'revoked'];

/**
 * Checks a waiver by the rules of dialect B (CAWS 3.4–10.2). The public tool has two forms there, that of its loader
 * (title, reason) and that of its schema (applies_to, delta, reason_code, risk_owner), and refuses the one it writes
 * itself; here either form will do. Gates and reason codes beyond its vocabulary are warnings, as in its loader.
 * @see constitution §7
 */
export function checkWaiverB(value: unknown): Checked<Waiver> {
  if (!isRecord(value) || (!('id' in value) && 'waivers' in value)) return unlistedWaivers(value);
  const errors = [
    ...findBadIdentity(value),
    ...findBadApproval(value),
    ...findBadDelta(value),
    ...findMissingForm(value),
  ];
  return checkedOf(errors, findWarnings(value), () => normaliseWaiver('B', value));
}

function findBadIdentity(waiver: PlainRecord): Problem[] {
  const problems: Problem[] = [];
  const { id, status, gates } = waiver;
  if (typeof id !== 'string' || !/^WV-\d{4}$/.test(id)) {
    problems.push(problemOfWaiver('invalid_id', '/id', 'id must be WV- and four digits', 'write WV-0001'));
  }
  if (!statuses.includes(writtenOf(status))) {
    problems.push(
      problemOfWaiver(
        'invalid_status',
        '/status',
        `status must be one of ${statuses.join(', ')}`,
        'write status: active',
      ),
    );
  }
  if (!Array.isArray(gates) || gates.length === 0 || gates.some((gate) => typeof gate !== 'string')) {
    problems.push(
      problemOfWaiver('invalid_gates', '/gates', 'gates must list at least one gate', 'write [budget_limit]'),
    );
  }
  return problems;
}

function findBadApproval(waiver: PlainRecord): Problem[] {
  const problems: Problem[] = [];
  const { approvers, expires_at: expires } = waiver;
  if (!Array.isArray(approvers) || approvers.length === 0 || approvers.some((approver) => !isApprover(approver))) {
    const hint = 'write approvers: [{handle: alice}]';
    problems.push(problemOfWaiver('invalid_approvers', '/approvers', 'approvers must list at least one person', hint));
  }
  if (timeOf(expires) === null) {
    const hint = 'write it as "2026-01-31T23:59:59Z"';
    problems.push(problemOfWaiver('invalid_expiry', '/expires_at', 'expires_at must be a date and time', hint));
  }
  return problems;
}

function isApprover(value: unknown): boolean {
  const handle = isRecord(value) ? value['handle'] : value;
  return typeof handle === 'string' && handle.trim() !== '';
}

function findBadDelta(waiver: PlainRecord): Problem[] {
  const delta = waiver['delta'];
  if (!isPresent(delta)) return [];
  return (['max_files', 'max_loc'] as const)
    .filter((field) => {
      const by = recordOf(delta)[field];
      return by !== undefined && !(typeof by === 'number' && Number.isSafeInteger(by) && by >= 0);
    })
    .map((field) => {
      const message = `delta.${field} must be a whole number of at least 0`;
      return problemOfWaiver('invalid_delta', `/delta/${field}`, message, 'a waiver can only raise a budget');
    });
}

function findMissingForm(waiver: PlainRecord): Problem[] {
  const missing = (fields: readonly string[]): string[] => fields.filter((field) => !isPresent(waiver[field]));
  const ofLoader = missing(['title', 'reason']);
  const ofSchema = missing(['applies_to', 'delta', 'reason_code', 'risk_owner']);
  if (ofLoader.length === 0 || ofSchema.length === 0) return [];
  const [fewest] = [ofLoader, ofSchema].sort((a, b) => a.length - b.length);
  const names = (fewest ?? []).join(', ');
  return [problemOfWaiver('missing_field', `/${fewest?.[0] ?? ''}`, `missing: ${names}`, `add ${names}`)];
}

const gateNames =
  /^(budget_limit|spec_completeness|contract_compliance|coverage_threshold|mutation_threshold|security_scan|accessibility_check|performance_budget|scope_boundary)$/;

function findWarnings(waiver: PlainRecord): Problem[] {
  const warnings: Problem[] = [];
  for (const [index, gate] of (Array.isArray(waiver['gates']) ? waiver['gates'] : []).entries()) {
    if (gateNames.test(writtenOf(gate))) continue;
    const message = `gate "${writtenOf(gate)}" is not in CAWS's vocabulary`;
    warnings.push(
      problemOfWaiver('unknown_gate', `/gates/${index}`, message, 'mend the spelling, or see .caws/arbiter.yaml'),
    );
  }
  const code = waiver['reason_code'];
  if (isPresent(code) && !reasonCodes.some((known) => known === writtenOf(code))) {
    warnings.push(
      problemOfWaiver(
        'unknown_reason_code',
        '/reason_code',
        `reason code "${writtenOf(code)}" is not known`,
        'use other',
      ),
    );
  }
  return warnings;
}
