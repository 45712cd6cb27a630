import type { Change } from '../change.js';
import { type Finding, type Rule, findingOf } from '../finding.js';

const filesRule: Rule = {
  id: 'budget.files',
  clause: 'Article 7 (within declared budgets); constitution §3 part 1',
  severity: 'waivable',
  why: 'a change that touches more files than its tier allows cannot be reviewed as one',
  mend: 'split the change, or ask a human for a waiver of budget_limit or a larger budget in the spec',
};

const linesRule: Rule = {
  ...filesRule,
  id: 'budget.lines',
  why: 'a change larger than its tier allows hides its risk',
};

/** Findings for files and lines strictly over the limits; deletions and long lines count. */
export function examineBudget(change: Change, limits: { files: number; loc: number }): Finding[] {
  const findings: Finding[] = [];
  const { files, loc, added, removed } = change.totals;
  if (files > limits.files) {
    findings.push(findingOf(filesRule, `${files} files changed, ${limits.files} allowed`));
  }
  if (loc > limits.loc) {
    const surplus = loc - added - removed;
    const long = surplus > 0 ? `, ${surplus} more for lines over 400 characters` : '';
    findings.push(
      findingOf(linesRule, `${loc} lines changed, ${limits.loc} allowed (${added} added, ${removed} removed${long})`),
    );
  }
  return findings;
}
