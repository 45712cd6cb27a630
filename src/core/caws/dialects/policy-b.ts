import type { Policy } from '../policy.js';
import { normalisePolicy } from './normalise-policy.js';
import { type PlainRecord, isPresent, isRecord, kindOfValue, recordOf, textsOf, writtenOf } from './plain-data.js';
import { type Checked, type Problem, checkedOf, pointerTo } from './problem.js';

const knownFields = [
  'version',
  'risk_tiers',
  'edit_rules',
  'gates',
  'non_governed_zones',
  'coverage_threshold',
  'mutation_threshold',
  'waiver_approval',
];

/**
 * Checks a policy by the rules of dialect B (CAWS 3.4–10.2), which are those of the public tool's code: version, all
 * three tiers with budgets, edit rules whole when present, thresholds and approvals in range. Fields that dialect does
 * not know are warnings.
 * @see constitution §7
 */
export function checkPolicyB(value: unknown): Checked<Policy> {
  if (!isRecord(value)) {
    const errors = [
      problem('violation', '', `a policy is a mapping, found ${kindOfValue(value)}`, 'write key: value pairs'),
    ];
    return { value: null, errors, warnings: [] };
  }
  const errors = [
    ...findBadVersion(value),
    ...findBadTiers(value),
    ...findBadEditRules(value),
    ...findBadGates(value),
    ...findBadZones(value),
    ...findBadThresholds(value, ''),
    ...findBadApproval(value),
  ];
  return checkedOf(errors, findUnknown(value), () => normalisePolicy('B', value));
}

function problem(rule: string, path: string, message: string, hint: string): Problem {
  return { rule: `policy.schema.${rule}`, path, message, hint };
}

function findBadVersion(policy: PlainRecord): Problem[] {
  const { version } = policy;
  if (version === 1 || version === '1') return [];
  const message = isPresent(version) ? `version ${writtenOf(version)} is not known` : '"version" is missing';
  return [problem('version', '/version', message, 'write version: 1')];
}

function findBadTiers(policy: PlainRecord): Problem[] {
  if (!isRecord(policy['risk_tiers'])) {
    return [problem('risk_tiers.missing', '/risk_tiers', '"risk_tiers" is missing', 'add risk_tiers with 1, 2 and 3')];
  }
  const tiers = policy['risk_tiers'];
  return ['1', '2', '3'].flatMap((name) => {
    const tier = tiers[name];
    const path = pointerTo('risk_tiers', name);
    if (!isRecord(tier))
      return [problem('risk_tiers.missing', path, `tier ${name} is missing`, 'add its max_files and max_loc')];
    return [
      ...(['max_files', 'max_loc'] as const)
        .filter((field) => !isCount(tier[field], 1))
        .map((field) => {
          const message = `${field} of tier ${name} must be a whole number of at least 1, found ${kindOfValue(tier[field])}`;
          return problem(
            'risk_tiers.budget',
            `${path}/${field}`,
            message,
            'write a number such as 25 files, 1000 lines',
          );
        }),
      ...findBadThresholds(tier, path),
    ];
  });
}

function findBadThresholds(holder: PlainRecord, at: string): Problem[] {
  return ['coverage_threshold', 'mutation_threshold']
    .filter((field) => holder[field] !== undefined && !isBetween(holder[field], 0, 100))
    .map((field) =>
      problem('threshold', `${at}/${field}`, `${field} must be 0 to 100`, 'write it in percent, such as 80'),
    );
}

function findBadEditRules(policy: PlainRecord): Problem[] {
  const rules = policy['edit_rules'];
  if (!isPresent(rules)) return [];
  const { policy_and_code_same_pr: samePr, min_approvers_for_budget_raise: approvers } = recordOf(rules);
  const problems: Problem[] = [];
  if (typeof samePr !== 'boolean') {
    const path = '/edit_rules/policy_and_code_same_pr';
    problems.push(
      problem('edit_rules.same_pr', path, 'edit_rules.policy_and_code_same_pr must be true or false', 'add it'),
    );
  }
  if (!isCount(approvers, 1)) {
    const path = '/edit_rules/min_approvers_for_budget_raise';
    const message = 'edit_rules.min_approvers_for_budget_raise must be a whole number of at least 1';
    problems.push(problem('edit_rules.approvers', path, message, 'add min_approvers_for_budget_raise: 1'));
  }
  return problems;
}

function findBadGates(policy: PlainRecord): Problem[] {
  if (!isPresent(policy['gates'])) return [];
  return Object.entries(recordOf(policy['gates'])).flatMap(([name, gate]) => {
    const { enabled, mode } = recordOf(gate);
    const path = pointerTo('gates', name);
    const problems: Problem[] = [];
    if (typeof enabled !== 'boolean') {
      problems.push(problem('gates.enabled', path, `gate ${name} must say enabled: true or false`, 'add enabled'));
    }
    if (mode !== undefined && !['block', 'warn', 'skip'].includes(writtenOf(mode))) {
      problems.push(
        problem('gates.unknown_mode', `${path}/mode`, `gate ${name} has an unknown mode`, 'use block, warn or skip'),
      );
    }
    return problems;
  });
}

function findBadZones(policy: PlainRecord): Problem[] {
  const zones = policy['non_governed_zones'];
  if (zones === undefined || (Array.isArray(zones) && textsOf(zones).length === zones.length)) return [];
  return [
    problem(
      'non_governed_zones',
      '/non_governed_zones',
      'non_governed_zones must list paths',
      'write one path an entry',
    ),
  ];
}

function findBadApproval(policy: PlainRecord): Problem[] {
  const approval = recordOf(policy['waiver_approval']);
  const { required_approvers: required, max_duration_days: days } = approval;
  const problems: Problem[] = [];
  if (required !== undefined && !isCount(required, 0)) {
    const path = '/waiver_approval/required_approvers';
    problems.push(
      problem('waiver_approval', path, 'required_approvers must be a whole number of at least 0', 'write 1'),
    );
  }
  if (days !== undefined && !(isBetween(days, 0, 36_500) && days !== 0)) {
    const path = '/waiver_approval/max_duration_days';
    problems.push(problem('waiver_approval', path, 'max_duration_days must be more than 0', 'write 30'));
  }
  return problems;
}

function findUnknown(policy: PlainRecord): Problem[] {
  return Object.keys(policy)
    .filter((field) => !knownFields.includes(field))
    .map((field) =>
      problem(
        'unknown_field',
        pointerTo(field),
        `dialect B does not read "${field}"`,
        'mend the spelling, or remove it',
      ),
    );
}

function isCount(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}
