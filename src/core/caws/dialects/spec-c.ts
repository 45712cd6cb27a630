import type { WorkingSpec } from '../working-spec.js';
import { normaliseSpec } from './normalise-spec.js';
import { recordOf } from './plain-data.js';
import { type Checked, type Problem, checkedOf, pointerTo } from './problem.js';
import { shadowedBy } from './scope-shadow.js';
import { type IssueName, findShapeProblems } from './shape-problems.js';
import { type SpecC, specCShape } from './spec-c-shape.js';

const forbidden = 'spec.schema.forbidden_field';

// Fields of older dialects are named wherever they stand, as the public tool does.
const names: readonly IssueName[] = [
  {
    code: 'unknown',
    at: /\/status$/,
    rule: `${forbidden}.status`,
    hint: 'write lifecycle_state (draft, active, closed, archived) instead',
  },
  {
    code: 'unknown',
    at: /\/change_budget$/,
    rule: `${forbidden}.change_budget`,
    hint: 'remove it: budgets come from risk_tiers in .caws/policy.yaml',
  },
  {
    code: 'unknown',
    at: /\/acceptance_criteria$/,
    rule: `${forbidden}.acceptance_criteria`,
    hint: 'rename it to acceptance',
  },
  { code: 'unknown', at: /\/include$/, rule: `${forbidden}.scope_include`, hint: 'rename it to scope.in' },
  { code: 'unknown', at: /\/exclude$/, rule: `${forbidden}.scope_exclude`, hint: 'rename it to scope.out' },
  {
    code: 'invalid_value',
    at: /^\/mode$/,
    rule: 'spec.schema.mode.development_removed',
    hint: 'use feature, refactor, fix, doc or chore',
  },
  { code: 'too_small', at: /^\/scope\/in$/, rule: 'spec.schema.scope.in_empty' },
  {
    code: 'invalid_format',
    at: /^\/id$/,
    rule: 'spec.schema.id.pattern_violation',
    hint: 'write capitals, then a number: FEAT-001, P03-IMPL-01',
  },
  {
    code: 'invalid_format',
    at: /^\/scope\/out\//,
    rule: 'spec.schema.scope.out_glob_forbidden',
    hint: 'name directories or files; no * or ? in scope.out',
  },
];

/**
 * Checks a working spec by the rules of dialect C (CAWS 11–12): a closed shape, then the rules of tier, lifecycle,
 * successors and scope. The second kind is asked only of a spec whose shape is right.
 * @see constitution §2
 */
export function checkSpecC(value: unknown): Checked<WorkingSpec> {
  const shape = findShapeProblems(specCShape, value, 'spec.schema.violation', names).flatMap((problem) =>
    splitTier(problem, recordOf(value)['risk_tier']),
  );
  const errors = shape.length > 0 ? shape : findRuleProblems(value as SpecC);
  return checkedOf(errors, [], () => normaliseSpec('C', value));
}

// The public tool names both faults of a tier that is no whole number.
function splitTier(problem: Problem, tier: unknown): Problem[] {
  if (problem.path !== '/risk_tier' || tier === undefined) return [problem];
  const hint = 'use the whole number 1, 2 or 3';
  const range = { ...problem, rule: 'spec.schema.risk_tier.out_of_range', hint };
  return Number.isInteger(tier) ? [range] : [{ ...range, rule: 'spec.schema.risk_tier.type_rejected' }, range];
}

function findRuleProblems(spec: SpecC): Problem[] {
  return [
    ...findTierProblems(spec),
    ...findLifecycleProblems(spec),
    ...findSuccessorProblems(spec),
    ...findShadows(spec),
  ];
}

function findTierProblems(spec: SpecC): Problem[] {
  const problems: Problem[] = [];
  const require = (missing: boolean, rule: string, path: string, what: string): void => {
    if (!missing) return;
    const message = `tier ${spec.risk_tier} asks for ${what}`;
    problems.push({ rule: `spec.semantic.${rule}`, path, message, hint: `add ${what}, or choose the tier that fits` });
  };
  const needsContracts = spec.risk_tier < 3 && spec.mode !== 'chore' && spec.contracts.length === 0;
  require(needsContracts, `tier${spec.risk_tier}.contracts_required`, '/contracts', 'at least one contract');
  if (spec.risk_tier === 1) {
    require(!spec.observability?.length, 'tier1.observability_required', '/observability', 'observability');
    require(!spec.rollback?.length, 'tier1.rollback_required', '/rollback', 'rollback steps');
    const { security } = spec.non_functional;
    require(!security?.length, 'tier1.security_required', '/non_functional/security', 'non_functional.security');
  }
  if (spec.experimental_mode !== undefined && spec.risk_tier !== 3) {
    problems.push({
      rule: 'spec.semantic.experimental_mode.tier_restricted',
      path: '/experimental_mode',
      message: `experimental_mode is for tier 3 only, this is tier ${spec.risk_tier}`,
      hint: 'remove experimental_mode',
    });
  }
  return problems;
}

function findLifecycleProblems(spec: SpecC): Problem[] {
  const problems: Problem[] = [];
  const ended = spec.lifecycle_state === 'closed' || spec.lifecycle_state === 'archived';
  if (spec.resolution !== undefined && !ended) {
    problems.push({
      rule: 'spec.semantic.resolution.requires_closure',
      path: '/resolution',
      message: `resolution is for closed and archived specs, this one is ${spec.lifecycle_state}`,
      hint: 'remove resolution, or close the spec',
    });
  }
  if (spec.resolution === undefined && ended) {
    problems.push({
      rule: 'spec.semantic.closed.resolution_required',
      path: '/resolution',
      message: `a spec that is ${spec.lifecycle_state} must say its resolution`,
      hint: 'add resolution: completed, superseded or abandoned',
    });
  }
  if (spec.supersedes === spec.id) {
    problems.push({
      rule: 'spec.semantic.supersedes.self_reference',
      path: '/supersedes',
      message: 'a spec cannot supersede itself',
      hint: 'name the other spec, or remove supersedes',
    });
  }
  return problems;
}

function findSuccessorProblems(spec: SpecC): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, { target_spec_id: target, disposition, rationale, absorbed_by: by }] of (
    spec.successors ?? []
  ).entries()) {
    const add = (field: string, wrong: boolean, message: string, hint: string): void => {
      const path = pointerTo('successors', index, field);
      if (wrong) problems.push({ rule: 'spec.semantic.successors', path, message, hint });
    };
    const blank = rationale?.trim() === '' || (disposition === 'declined' && rationale === undefined);
    add('rationale', blank, `successor ${target} needs a rationale in words`, 'say why');
    add(
      'absorbed_by',
      disposition === 'absorbed' && by === undefined,
      `successor ${target} was absorbed by no spec`,
      'add absorbed_by',
    );
    add(
      'absorbed_by',
      by !== undefined && (by === spec.id || by === target),
      `successor ${target} cannot be absorbed by ${by}`,
      'name another spec',
    );
    add('target_spec_id', target === spec.id, 'a spec cannot be its own successor', 'name another spec');
    add('target_spec_id', seen.has(target), `successor ${target} stands twice`, 'keep one entry for it');
    seen.add(target);
  }
  return problems;
}

function findShadows(spec: SpecC): Problem[] {
  const admitted = [...spec.scope.in, ...(spec.scope.support ?? [])];
  return (spec.scope.out ?? []).flatMap((out, index) =>
    shadowedBy(out, admitted).map((entry) => ({
      rule: 'spec.semantic.scope.overbroad_out',
      path: pointerTo('scope', 'out', index),
      message: `scope.out "${out}" shuts out "${entry}", which the same scope lets in`,
      hint: 'narrow the scope.out entry, or remove it',
    })),
  );
}
