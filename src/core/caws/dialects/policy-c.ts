import type { Policy } from '../policy.js';
import { normalisePolicy } from './normalise-policy.js';
import { type PolicyC, policyCShape } from './policy-c-shape.js';
import { wideZones } from './policy-shape.js';
import { type Checked, type Problem, checkedOf, pointerTo } from './problem.js';
import { type IssueName, findShapeProblems } from './shape-problems.js';

const rule = (name: string): string => `policy.schema.${name}`;

const names: readonly IssueName[] = [
  {
    code: 'unknown',
    at: /^\/risk_tiers\/.*\/label$/,
    rule: rule('risk_tiers.forbidden_label'),
    hint: 'call it description',
  },
  {
    code: 'unknown',
    at: /^\/edit_rules\/min_approvers_for_budget_raise$/,
    rule: rule('edit_rules.misplaced_approvers'),
    hint: 'move it to waivers.min_approvers_for_budget_raise',
  },
  {
    code: 'unknown',
    at: /^\/gates\/[^/]+$/,
    rule: rule('gates.unknown'),
    hint: 'keep to budget_limit, spec_completeness, scope_boundary, god_object, todo_detection; gates of your own belong in .caws/arbiter.yaml',
  },
  { code: 'missing', at: /^\/gates\/[^/]+$/, rule: rule('gates.missing_required') },
  { code: 'invalid_value', at: /^\/gates\/[^/]+\/mode$/, rule: rule('gates.unknown_mode') },
  {
    code: 'invalid_format',
    at: /^\/root_passthrough\//,
    rule: rule('root_passthrough.has_slash'),
    hint: 'name files of the top folder, without a /',
  },
];

/**
 * Checks a policy by the rules of dialect C (CAWS 11–12): a closed shape, then tiers that rise and zones that are not
 * the whole repository.
 * @see constitution §7
 */
export function checkPolicyC(value: unknown): Checked<Policy> {
  const shape = findShapeProblems(policyCShape, value, rule('violation'), names);
  if (shape.length > 0) return { value: null, errors: shape, warnings: [] };
  const policy = value as PolicyC;
  const errors = [...findWideZones(policy), ...findFallingTiers(policy)];
  return checkedOf(errors, findWarnings(policy), () => normalisePolicy('C', value));
}

function findWideZones(policy: PolicyC): Problem[] {
  if (policy.non_governed_zones_force === true) return [];
  return (policy.non_governed_zones ?? []).flatMap((zone, index) =>
    wideZones.includes(zone)
      ? [
          {
            rule: rule('non_governed_zones.too_broad'),
            path: pointerTo('non_governed_zones', index),
            message: `the zone "${zone}" leaves nothing governed`,
            hint: 'name the directories that no spec governs',
          },
        ]
      : [],
  );
}

function findFallingTiers(policy: PolicyC): Problem[] {
  const { 1: first, 2: second, 3: third } = policy.risk_tiers;
  return (['max_files', 'max_loc'] as const)
    .filter((field) => first[field] > second[field] || second[field] > third[field])
    .map((field) => ({
      rule: `policy.semantic.risk_tiers.non_monotonic_${field === 'max_files' ? 'files' : 'loc'}`,
      path: '/risk_tiers',
      message: `${field} must not fall from tier 1 to 3: ${first[field]}, ${second[field]}, ${third[field]}`,
      hint: 'tier 1 is the strictest: give it the smallest budget',
    }));
}

function findWarnings(policy: PolicyC): Problem[] {
  const warnings: Problem[] = [];
  for (const name of ['budget_limit', 'spec_completeness', 'scope_boundary'] as const) {
    const { mode } = policy.gates[name];
    if (mode === 'block') continue;
    warnings.push({
      rule: 'policy.semantic.gates.critical_not_blocking',
      path: pointerTo('gates', name, 'mode'),
      message: `gate ${name} only has mode ${mode}`,
      hint: 'set it to block; Arbiter holds to these clauses all the same',
    });
  }
  if (policy.non_governed_zones_force === true) {
    warnings.push({
      rule: 'policy.semantic.non_governed_zones.force',
      path: '/non_governed_zones_force',
      message: 'zones of any width are allowed',
      hint: 'remove non_governed_zones_force',
    });
  }
  return warnings;
}
