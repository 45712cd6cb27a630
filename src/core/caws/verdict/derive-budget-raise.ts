import { type AssessedWaiver, distinctValid, sortWaivers } from './waiver-standing.js';

export interface BudgetRaise {
  readonly maxFiles: number;
  readonly maxLoc: number;
  /** Ids of the waivers whose delta was added, sorted. */
  readonly applied: readonly string[];
  /** Every other waiver with the reason why its delta was not added, sorted by id. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * What valid waivers of budget_limit add to the tier's budget. No waivers add nothing; copies of one waiver count once.
 * @see constitution §7, Budget derivation
 */
export function deriveBudgetRaise(waivers: readonly AssessedWaiver[]): BudgetRaise {
  let maxFiles = 0;
  let maxLoc = 0;
  const applied: string[] = [];
  const skipped: { id: string; reason: string }[] = [];
  const counting = new Set<AssessedWaiver>(distinctValid(waivers, Number.NEGATIVE_INFINITY));
  for (const assessed of sortWaivers(waivers)) {
    const reason = skipReason(assessed) ?? (counting.has(assessed) ? null : 'duplicate');
    if (reason === null && assessed.standing === 'valid') {
      maxFiles += assessed.waiver.delta.maxFiles;
      maxLoc += assessed.waiver.delta.maxLoc;
      applied.push(assessed.id);
    } else {
      skipped.push({ id: assessed.id, reason: reason ?? 'refused' });
    }
  }
  return { maxFiles, maxLoc, applied, skipped };
}

function skipReason(assessed: AssessedWaiver): string | null {
  if (assessed.standing === 'refused') return assessed.reason;
  const { waiver } = assessed;
  if (!waiver.gates.includes('budget_limit')) return 'gate_not_covered';
  if (waiver.scope.paths.length > 0) return 'limited_to_paths';
  return waiver.delta.maxFiles === 0 && waiver.delta.maxLoc === 0 ? 'no_delta' : null;
}
