import type { PlanOfEdit } from '../plea.js';
import { type Finding, type Rule, findingOf } from '../finding.js';
import { refusePath } from '../lexical-path.js';
import type { Standing } from '../scope.js';

const pathRule: Rule = {
  id: 'plan.scope',
  clause: 'constitution §3 part 5 (plan of edit); CAWS scope',
  severity: 'block',
  why: 'work outside the blast radius would be refused after it was paid for',
  mend: 'plan inside scope.in, or ask for a scope amendment',
};

const budgetRule: Rule = {
  ...pathRule,
  id: 'plan.budget',
  clause: 'constitution §3 part 5 (plan of edit); CAWS change budget',
  why: 'a change over budget would be refused after it was paid for',
  mend: 'plan a smaller change, or plead that the task cannot be done within its budget',
};

const specRule: Rule = { ...pathRule, id: 'plan.spec', mend: 'plan for the spec of this task' };

/** Where a plan may not go. */
const unlawful: Readonly<Partial<Record<Standing, string>>> = {
  violation: 'a planned file lies outside scope.in',
  out: 'a planned file lies in scope.out',
  protected: 'a planned file is protected',
};

/**
 * What the spec cannot admit of a plan, before any edit is paid for: paths outside the scope or protected, more files
 * or lines than the budget. No findings: the plan is admitted. An empty plan is, and says nothing.
 */
export function examineIntent(
  plan: PlanOfEdit,
  spec: { readonly id: string; readonly standingOf: (path: string) => Standing },
  limits: { readonly files: number; readonly loc: number },
): Finding[] {
  const findings: Finding[] = [];
  if (plan.spec_id !== spec.id) {
    findings.push(findingOf(specRule, `the plan is for ${JSON.stringify(plan.spec_id)}, the task for ${spec.id}`));
  }
  for (const path of new Set(plan.files.map((file) => file.path))) {
    const refused = refusePath(path);
    const why = refused === null ? unlawful[spec.standingOf(path)] : `the path cannot be judged: ${refused}`;
    if (why !== undefined) findings.push(findingOf(pathRule, why, { path }));
  }
  const files = new Set(plan.files.map((file) => file.path)).size;
  const lines = plan.files.reduce((sum, file) => sum + file.lines, 0);
  if (files > limits.files) findings.push(findingOf(budgetRule, `${files} files planned, ${limits.files} allowed`));
  if (lines > limits.loc) findings.push(findingOf(budgetRule, `${lines} lines planned, ${limits.loc} allowed`));
  return findings;
}
