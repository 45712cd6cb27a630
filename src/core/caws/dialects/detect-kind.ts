import { type PlainRecord, isRecord, writtenOf } from './plain-data.js';

/** The three kinds of file that CAWS has. */
export type ConstitutionKind = 'spec' | 'policy' | 'waiver';

/**
 * What kind of file a value is, by its content first and its path where the content does not tell. Null where neither
 * does.
 */
export function detectKind(value: unknown, path: string): ConstitutionKind | null {
  return (isRecord(value) ? kindOfContent(value) : null) ?? kindOfPath(path);
}

const specFields = ['risk_tier', 'scope', 'acceptance', 'acceptance_criteria', 'invariants', 'blast_radius', 'mode'];
const waiverFields = ['gates', 'expires_at', 'approved_by', 'approvers', 'applies_to', 'reason_code', 'risk_owner'];
const policyFields = ['risk_tiers', 'edit_rules', 'waiver_approval'];

function kindOfContent(file: PlainRecord): ConstitutionKind | null {
  const count = (fields: readonly string[]): number => fields.filter((field) => field in file).length;
  if (count(policyFields) > 0 || count(['1', '2', '3']) === 3 || count(['version', 'gates']) === 2) return 'policy';
  const asSpec = count(specFields);
  if (/^WV-\d/.test(writtenOf(file['id'])) || count(waiverFields) > asSpec) return 'waiver';
  if (asSpec > 0) return 'spec';
  return 'waivers' in file ? 'waiver' : null;
}

function kindOfPath(path: string): ConstitutionKind | null {
  const lower = path.toLowerCase();
  if (/waiver/.test(lower)) return 'waiver';
  if (/policy/.test(lower)) return 'policy';
  return /(^|\/)specs?\/|spec[^/]*$/.test(lower) ? 'spec' : null;
}
