import type { Dialect } from '../working-spec.js';
import type { ConstitutionKind } from './detect-kind.js';
import { type PlainRecord, recordOf } from './plain-data.js';
import { specIdPattern } from './spec-fields.js';

/**
 * Which dialect a file was written for, by marks that only one dialect has. Without any mark the middle one, B, whose
 * rules are the public tool's most used.
 * @see constitution §2
 */
export function detectDialect(kind: ConstitutionKind, value: unknown): Dialect {
  const file = recordOf(value);
  if (kind === 'policy') return detectPolicy(file);
  return kind === 'waiver' ? detectWaiver(file) : detectSpec(file);
}

const fieldsOfA = new Set(
  'id title risk_tier mode change_budget blast_radius operational_rollback_slo threats scope invariants acceptance non_functional contracts observability migrations rollback experiment_mode timeboxed_hours human_override ai_assessment'.split(
    ' ',
  ),
);

function detectSpec(file: PlainRecord): Dialect {
  const has = (...fields: readonly string[]): boolean => fields.some((field) => field in file);
  if (has('lifecycle_state', 'resolution')) return 'C';
  if (has('status', 'acceptance_criteria', 'waiver_ids')) return 'B';
  if (hasInnerMarksOfC(file)) return 'C';
  const closed = Object.keys(file).every((field) => fieldsOfA.has(field));
  return has('change_budget') && closed && !hasInnerMarksOfB(file) ? 'A' : 'B';
}

function hasInnerMarksOfC(file: PlainRecord): boolean {
  const { performance, accessibility, reliability } = recordOf(file['non_functional']);
  if ([performance, accessibility, reliability].some(Array.isArray)) return true;
  return contractsOf(file).some((contract) => 'name' in contract);
}

// What dialect B was the first to allow: segments in ids, tiers as text, further modes and types of contracts.
function hasInnerMarksOfB(file: PlainRecord): boolean {
  const { id, risk_tier: tier, mode } = file;
  const laterId = typeof id === 'string' && specIdPattern.test(id) && !/^[A-Z]+-\d+$/.test(id);
  const laterMode = mode === 'docs' || mode === 'development';
  const types = contractsOf(file).map((contract) => contract['type']);
  const laterType = types.some((type) => typeof type === 'string' && !/^(openapi|graphql|proto|pact|)$/.test(type));
  return laterId || laterMode || laterType || typeof tier === 'string';
}

function contractsOf(file: PlainRecord): PlainRecord[] {
  return Array.isArray(file['contracts']) ? file['contracts'].map(recordOf) : [];
}

function detectPolicy(file: PlainRecord): Dialect {
  if (!('risk_tiers' in file) && '1' in file) return 'A';
  if ('waiver_approval' in file || 'min_approvers_for_budget_raise' in recordOf(file['edit_rules'])) return 'B';
  const marks = ['waivers', 'root_passthrough', 'non_governed_zones_force', 'agents'];
  if (marks.some((field) => field in file)) return 'C';
  const gates = Object.values(recordOf(file['gates']));
  return gates.length > 0 && gates.every((gate) => 'mode' in recordOf(gate)) ? 'C' : 'B';
}

// A waiver written for both dialects is read as B, which alone has a delta for budgets.
function detectWaiver(file: PlainRecord): Dialect {
  return ['approvers', 'reason_code', 'applies_to', 'delta', 'risk_owner'].some((field) => field in file) ? 'B' : 'C';
}
