import type { Waiver } from '../waiver.js';
import { normaliseWaiver } from './normalise-waiver.js';
import { type PlainRecord, isRecord, kindOfValue, recordOf } from './plain-data.js';
import { type Checked, type Problem, checkedOf } from './problem.js';
import { dateTimePattern, timeOf } from './spec-fields.js';
import { problemOfWaiver, unlistedWaivers } from './waiver-problems.js';

/**
 * Checks a waiver by the rules of dialect C (CAWS 11–12). Other fields are free. Whether it has expired is no question
 * of form and is asked when it is used.
 * @see constitution §7
 */
export function checkWaiverC(value: unknown): Checked<Waiver> {
  if (!isRecord(value) || 'waivers' in value) return unlistedWaivers(value);
  const errors = [
    ...findBadText(value),
    ...findBadState(value),
    ...findBadTimes(value),
    ...findBadLimits(value),
    ...findBadRevocation(value),
  ];
  return checkedOf(errors, [], () => normaliseWaiver('C', value));
}

function findBadText(waiver: PlainRecord): Problem[] {
  const problems: Problem[] = [];
  const { id, title, reason, approved_by: approver } = waiver;
  if (typeof id !== 'string' || !/^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*-\d+[a-z]?$/.test(id)) {
    problems.push(
      problemOfWaiver('invalid_id', '/id', `id must be such as WV-0001, found ${kindOfValue(id)}`, 'write WV-0001'),
    );
  }
  if (lengthOf(title) < 5) {
    problems.push(
      problemOfWaiver('invalid_title', '/title', 'title must have at least 5 characters', 'say what is waived'),
    );
  }
  if (lengthOf(reason) < 3) {
    problems.push(problemOfWaiver('invalid_reason', '/reason', 'reason is missing', 'say why there is no other way'));
  }
  if (lengthOf(approver) === 0) {
    problems.push(
      problemOfWaiver('invalid_approved_by', '/approved_by', 'approved_by is missing', 'name who approved it'),
    );
  }
  return problems;
}

function findBadState(waiver: PlainRecord): Problem[] {
  const problems: Problem[] = [];
  const { status, gates } = waiver;
  if (status !== 'active' && status !== 'revoked') {
    problems.push(
      problemOfWaiver('invalid_status', '/status', 'status must be active or revoked', 'write status: active'),
    );
  }
  if (!Array.isArray(gates) || gates.length === 0 || gates.some((gate) => typeof gate !== 'string' || gate === '')) {
    problems.push(
      problemOfWaiver('invalid_gates', '/gates', 'gates must list at least one gate', 'write [budget_limit]'),
    );
  }
  return problems;
}

function findBadTimes(waiver: PlainRecord): Problem[] {
  return [
    ['created_at', 'invalid_created_at'],
    ['expires_at', 'invalid_expiry'],
  ].flatMap(([field = '', rule = '']) => {
    if (isDateTime(waiver[field])) return [];
    const message = `${field} must be a date and time with zone`;
    return [problemOfWaiver(rule, `/${field}`, message, 'write it as "2026-01-31T23:59:59Z"')];
  });
}

function findBadLimits(waiver: PlainRecord): Problem[] {
  const problems: Problem[] = [];
  const { scope, constraints } = waiver;
  if (scope !== undefined && !(isRecord(scope) && isOptional(scope['spec_id'], (id) => typeof id === 'string'))) {
    const hint = 'write scope: {spec_id: FEAT-001}';
    problems.push(problemOfWaiver('invalid_gates', '/scope', 'scope must be a mapping with spec_id', hint));
  }
  if (constraints !== undefined && !(isRecord(constraints) && isOptional(constraints['max_uses'], isCount))) {
    const hint = 'write constraints: {max_uses: 1}';
    problems.push(
      problemOfWaiver('invalid_gates', '/constraints', 'constraints.max_uses must be a whole number', hint),
    );
  }
  return problems;
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function findBadRevocation(waiver: PlainRecord): Problem[] {
  const { status, revocation } = waiver;
  if (status === 'revoked' && !isDateTime(recordOf(revocation)['revoked_at'])) {
    const hint = 'add revocation: {revoked_at: "…Z"}';
    return [problemOfWaiver('revoked_without_record', '/revocation', 'a revoked waiver must say when', hint)];
  }
  if (status !== 'active' || revocation === undefined) return [];
  return [
    problemOfWaiver(
      'active_with_revocation',
      '/revocation',
      'an active waiver has no revocation',
      'remove it, or set status: revoked',
    ),
  ];
}

function isDateTime(value: unknown): boolean {
  return typeof value === 'string' && dateTimePattern.test(value) && timeOf(value) !== null;
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.trim().length : 0;
}
