import type { ChangeMode, Dialect, RiskTier, WorkingSpec } from '../working-spec.js';
import { type PlainRecord, isRecord, recordOf, textOf, textsOf, writtenOf } from './plain-data.js';

const modeOf: Readonly<Record<string, ChangeMode>> = { docs: 'doc', development: 'feature' };

const lifecycleOf: Readonly<Record<string, WorkingSpec['lifecycle']>> = {
  draft: 'draft',
  active: 'active',
  in_progress: 'active',
  completed: 'closed',
  closed: 'closed',
  archived: 'archived',
};

/**
 * The one internal spec of a file that its dialect has found valid. What the dialect does not check and the file has in
 * another shape than expected is left out, never guessed.
 */
export function normaliseSpec(dialect: Dialect, value: unknown): WorkingSpec {
  const file = recordOf(value);
  const blast = recordOf(file['blast_radius']);
  const scope = recordOf(file['scope']);
  const mode = writtenOf(file['mode']);
  return {
    dialect,
    id: writtenOf(file['id']),
    title: writtenOf(file['title']),
    riskTier: tierOf(file['risk_tier']) ?? 1,
    mode: modeOf[mode] ?? (mode as ChangeMode),
    lifecycle: lifecycleOf[writtenOf(file['lifecycle_state'] ?? file['status'] ?? 'active')] ?? 'active',
    changeBudget: dialect === 'C' ? null : budgetOf(file['change_budget']),
    blastRadius: { modules: textsOf(blast['modules']), dataMigration: blast['data_migration'] === true },
    scope: { in: textsOf(scope['in']), out: textsOf(scope['out']), support: textsOf(scope['support']) },
    invariants: textsOf(file['invariants']),
    acceptance: criteriaOf(file),
    security: textsOf(recordOf(file['non_functional'])['security']),
    contracts: contractsOf(file['contracts']),
    rollbackSlo: textOf(file['operational_rollback_slo']),
  };
}

/** Tier of `1`, `"1"` or `"T1"`, null for anything else. */
export function tierOf(value: unknown): RiskTier | null {
  const found = typeof value === 'number' ? value : Number(/^T?([1-3])$/i.exec(writtenOf(value))?.[1]);
  return found === 1 || found === 2 || found === 3 ? found : null;
}

function budgetOf(value: unknown): WorkingSpec['changeBudget'] {
  const { max_files: maxFiles, max_loc: maxLoc } = recordOf(value);
  return isCount(maxFiles) && isCount(maxLoc) ? { maxFiles, maxLoc } : null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

// `acceptance_criteria` is dialect B's older name, and counts only where `acceptance` has nothing.
function criteriaOf(file: PlainRecord): WorkingSpec['acceptance'] {
  const own = Array.isArray(file['acceptance']) ? file['acceptance'] : [];
  const list: readonly unknown[] = own.length > 0 ? own : itemsOf(file['acceptance_criteria']);
  return list.filter(isRecord).map((item, index) => ({
    id: textOf(item['id']) ?? `A${index + 1}`,
    given: writtenOf(item['given']),
    when: writtenOf(item['when']),
    then: writtenOf(item['then'] ?? item['description']),
    testCommand: textOf(item['test_command']),
    testNodeIds: textsOf(item['test_nodeids']),
  }));
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function contractsOf(value: unknown): WorkingSpec['contracts'] {
  return itemsOf(value)
    .filter(isRecord)
    .map((item) => ({ type: writtenOf(item['type']), name: textOf(item['name']), path: textOf(item['path']) }));
}
