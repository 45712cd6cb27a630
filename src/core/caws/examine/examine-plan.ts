import { type Change, pathOf } from '../change.js';
import { type Finding, type Rule, findingOf } from '../finding.js';
import type { PlanOfEdit } from '../plea.js';
import { sidesOf } from './examine-scope.js';

const filesRule: Rule = {
  id: 'plan.file',
  clause: 'constitution §3 part 5 (plan of edit)',
  severity: 'advisory',
  why: 'the plan was what the spec’s owner could check beforehand',
  mend: 'say in the rationale why the plan changed, or plan again',
};

const linesRule: Rule = { ...filesRule, id: 'plan.lines' };

const specRule: Rule = {
  ...filesRule,
  id: 'plan.spec',
  severity: 'waivable',
  why: 'a plan for another spec says nothing of this change',
  mend: 'give the plan of this spec',
};

/**
 * Files that the plan does not name, and files that grew over its estimate. An estimate is over when the measured
 * lines exceed twice the planned ones and ten more: an estimate is no promise to the line.
 */
export function examinePlan(change: Change, plan: PlanOfEdit, specId: string | null): Finding[] {
  const planned = new Map(plan.files.map((entry) => [entry.path, entry.lines]));
  const findings: Finding[] = [];
  if (specId !== null && plan.spec_id !== specId) {
    findings.push(
      findingOf(specRule, `the plan is for ${JSON.stringify(plan.spec_id)}, the change for ${JSON.stringify(specId)}`),
    );
  }
  for (const file of change.files) {
    for (const path of sidesOf(file).filter((side) => !planned.has(side))) {
      findings.push(findingOf(filesRule, 'the plan of edit does not name this file', { path }));
    }
    const estimate = planned.get(pathOf(file));
    const lines = file.added + file.removed + file.longLineSurplus;
    if (estimate !== undefined && lines > 2 * estimate + 10) {
      findings.push(findingOf(linesRule, `${lines} lines changed, ${estimate} planned`, { path: pathOf(file) }));
    }
  }
  return findings;
}
