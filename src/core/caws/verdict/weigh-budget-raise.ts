import type { Examination } from '../examine/examination.js';
import { type Finding, findingOf } from '../finding.js';
import type { ValidWaiver } from './waiver-standing.js';

const unfoundedRaise = {
  id: 'budget.unfounded-raise',
  clause: 'CAWS §5.2 (documented necessity, time-bounded exception); constitution §7, Budget derivation',
  severity: 'block',
  why: 'a budget that was raised without a valid waiver is no budget',
  mend: 'adjudicate again with the waivers as they are now',
} as const;

/**
 * Which waivers the budget leaned on: those applied to it, when the change would not have fitted without their deltas.
 * A waiver that was applied and is not valid (any more) blocks. No budget or no applied waivers lean on nothing.
 */
export function weighBudgetRaise(
  budget: Examination['budget'],
  valid: readonly ValidWaiver[],
): { readonly leanedOn: readonly string[]; readonly findings: readonly Finding[] } {
  if (budget === null || budget.waiversApplied.length === 0) return { leanedOn: [], findings: [] };
  const applied = [...new Set(budget.waiversApplied)].sort();
  const standing = applied.map((id) => ({ id, waiver: valid.find((waiver) => waiver.id === id)?.waiver }));
  const findings = standing
    .filter(({ waiver }) => waiver === undefined)
    .map(({ id }) => findingOf(unfoundedRaise, `the budget was raised by waiver ${id}, which is not valid`));
  const deltas = standing.map(({ waiver }) => waiver?.delta ?? { maxFiles: 0, maxLoc: 0 });
  const files = budget.limits.files - deltas.reduce((sum, delta) => sum + delta.maxFiles, 0);
  const loc = budget.limits.loc - deltas.reduce((sum, delta) => sum + delta.maxLoc, 0);
  const leaned = budget.measured.files > files || budget.measured.loc > loc;
  return {
    leanedOn: leaned ? standing.filter(({ waiver }) => waiver !== undefined).map(({ id }) => id) : [],
    findings,
  };
}
