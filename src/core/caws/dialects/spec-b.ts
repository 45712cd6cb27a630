import type { WorkingSpec } from '../working-spec.js';
import { normaliseSpec, tierOf } from './normalise-spec.js';
import { type PlainRecord, isPresent, isRecord, recordOf, textsOf, writtenOf } from './plain-data.js';
import { type Checked, type Problem, checkedOf, pointerTo } from './problem.js';
import { specIdPattern } from './spec-fields.js';

const hintOfField: Readonly<Record<string, string>> = {
  id: 'an id such as FEAT-001',
  title: 'a title in words',
  risk_tier: '1 (critical), 2 (standard) or 3 (low risk)',
  mode: 'feature, refactor, fix, doc or chore',
  blast_radius: 'modules and data_migration',
  operational_rollback_slo: 'how fast it can be rolled back, such as 30m',
  scope: 'scope with in and out',
  invariants: 'what must always stay true',
  acceptance: 'criteria with id, given, when, then',
  non_functional: 'a11y, perf and security, empty where there is nothing to ask',
  contracts: 'the contracts touched, [] when there are none',
};

const modes = ['feature', 'refactor', 'fix', 'doc', 'chore', 'docs', 'development'];
const statuses = ['draft', 'active', 'in_progress', 'completed', 'closed', 'archived'];

/**
 * Checks a working spec by the rules of dialect B (CAWS 3.4–10.2), which are those of the public tool's code and not of
 * its schema: keys present, id, mode, tier rules, scope.out without globs. Other keys, and the insides of contracts and
 * criteria, are free. Stricter than the tool where a value could not be obeyed: a tier, a mode or a `scope.in` that
 * cannot be read is an error.
 * @see constitution §2
 */
export function checkSpecB(value: unknown): Checked<WorkingSpec> {
  if (!isRecord(value)) {
    const message = 'a working spec is a mapping of fields';
    return checkedOf([problem('schema.violation', '', message, 'write key: value pairs')], [], () =>
      normaliseSpec('B', value),
    );
  }
  const errors = [
    ...findMissing(value),
    ...findBadIdentity(value),
    ...findBadScope(value),
    ...findTierProblems(value),
    ...findBadRollback(value),
    ...findBadExtras(value),
  ];
  return checkedOf(errors, findWarnings(value), () => normaliseSpec('B', value));
}

function problem(rule: string, path: string, message: string, hint: string): Problem {
  return { rule: `spec.${rule}`, path, message, hint };
}

function findMissing(spec: PlainRecord): Problem[] {
  return Object.entries(hintOfField)
    .filter(([field]) => !isPresent(field === 'acceptance' ? acceptanceOf(spec) : spec[field]))
    .map(([field, hint]) => problem('schema.missing_field', `/${field}`, `"${field}" is missing`, `add ${hint}`));
}

function acceptanceOf(spec: PlainRecord): unknown {
  return isPresent(spec['acceptance']) ? spec['acceptance'] : textsOrNothing(spec['acceptance_criteria']);
}

function textsOrNothing(value: unknown): unknown {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

function findBadIdentity(spec: PlainRecord): Problem[] {
  const { id, mode, risk_tier: tier, status } = spec;
  const problems: Problem[] = [];
  if (isPresent(id) && !(typeof id === 'string' && specIdPattern.test(id))) {
    const hint = 'write capitals, then a number: FEAT-001, P03-IMPL-01, APC-01a';
    problems.push(
      problem('schema.id.pattern_violation', '/id', `id "${writtenOf(id)}" is not of the form asked for`, hint),
    );
  }
  if (isPresent(mode) && !modes.includes(writtenOf(mode))) {
    problems.push(
      problem(
        'schema.mode.unknown',
        '/mode',
        `mode "${writtenOf(mode)}" is not known`,
        `use ${modes.slice(0, 5).join(', ')}`,
      ),
    );
  }
  if (isPresent(tier) && tierOf(tier) === null) {
    problems.push(
      problem('schema.risk_tier.out_of_range', '/risk_tier', 'risk_tier must be 1, 2 or 3', 'use 1, 2 or 3'),
    );
  }
  if (isPresent(status) && !statuses.includes(writtenOf(status))) {
    problems.push(
      problem(
        'schema.status.unknown',
        '/status',
        `status "${writtenOf(status)}" is not known`,
        `use one of ${statuses.join(', ')}`,
      ),
    );
  }
  return problems;
}

function findBadScope(spec: PlainRecord): Problem[] {
  const { in: entries, out } = recordOf(spec['scope']);
  const problems: Problem[] = [];
  if (!Array.isArray(entries) || entries.length === 0) {
    problems.push(
      problem('schema.scope.in_empty', '/scope/in', 'scope.in has no entry', 'list the paths that may change'),
    );
  } else if (textsOf(entries).length < entries.length) {
    problems.push(
      problem('schema.scope.in_not_text', '/scope/in', 'scope.in has an entry that is no text', 'quote each path'),
    );
  }
  for (const [index, entry] of (Array.isArray(out) ? out : []).entries()) {
    if (typeof entry === 'string' && !/[*?]/.test(entry)) continue;
    const hint = 'name directories or files; no * or ? in scope.out';
    const message = `scope.out entry "${writtenOf(entry)}" is a glob or no text`;
    problems.push(problem('schema.scope.out_glob_forbidden', pointerTo('scope', 'out', index), message, hint));
  }
  return problems;
}

function findTierProblems(spec: PlainRecord): Problem[] {
  const tier = tierOf(spec['risk_tier']);
  if (tier === null || tier === 3) return [];
  const problems: Problem[] = [];
  const require = (given: boolean, rule: string, path: string, what: string): void => {
    if (given) return;
    const hint = `add ${what}, or choose the tier that fits`;
    problems.push(problem(`semantic.tier${tier}.${rule}`, path, `tier ${tier} asks for ${what}`, hint));
  };
  require(hasItems(spec['contracts']), 'contracts_required', '/contracts', 'at least one contract');
  if (tier === 2) return problems;
  require(isPresent(spec['observability']), 'observability_required', '/observability', 'observability');
  require(hasItems(spec['rollback']), 'rollback_required', '/rollback', 'rollback steps');
  const security = recordOf(spec['non_functional'])['security'];
  require(hasItems(security), 'security_required', '/non_functional/security', 'non_functional.security');
  return problems;
}

function hasItems(value: unknown): boolean {
  return (Array.isArray(value) || typeof value === 'string') && value.length > 0;
}

function findBadRollback(spec: PlainRecord): Problem[] {
  const { rollback } = spec;
  if (rollback === undefined || (Array.isArray(rollback) && textsOf(rollback).length === rollback.length)) return [];
  return [
    problem('schema.rollback.not_texts', '/rollback', 'rollback must be a list of texts', 'write one step an entry'),
  ];
}

function findBadExtras(spec: PlainRecord): Problem[] {
  const problems: Problem[] = [];
  const { waiver_ids: waivers, experimental_mode: experiment } = spec;
  if (isPresent(waivers) && !(Array.isArray(waivers) && waivers.every((id) => /^WV-\d{4}$/.test(writtenOf(id))))) {
    problems.push(problem('schema.waiver_ids', '/waiver_ids', 'waiver_ids must list waiver ids', 'write [WV-0001]'));
  }
  if (!isPresent(experiment)) return problems;
  const { enabled, rationale, expires_at: expires } = recordOf(experiment);
  if (enabled === undefined || rationale === undefined || expires === undefined) {
    const hint = 'add enabled, rationale and expires_at';
    problems.push(problem('schema.experimental_mode', '/experimental_mode', 'experimental_mode is incomplete', hint));
  } else if (isPresent(enabled) && tierOf(spec['risk_tier']) !== 3) {
    const message = 'experimental_mode is for tier 3 only';
    problems.push(problem('semantic.experimental_mode.tier_restricted', '/experimental_mode', message, 'remove it'));
  }
  return problems;
}

function findWarnings(spec: PlainRecord): Problem[] {
  const warnings: Problem[] = [];
  for (const field of ['invariants', 'acceptance'] as const) {
    const value = field === 'acceptance' ? acceptanceOf(spec) : spec[field];
    if (!Array.isArray(value) || value.length > 0) continue;
    warnings.push(
      problem(`advice.${field}`, `/${field}`, `"${field}" is empty`, `add ${hintOfField[field] ?? 'an entry'}`),
    );
  }
  if (spec['change_budget'] !== undefined) {
    const hint = 'budgets belong to risk_tiers in .caws/policy.yaml';
    warnings.push(problem('advice.change_budget', '/change_budget', 'the spec brings its own budget', hint));
  }
  return warnings;
}
