import { type PlainRecord, isRecord } from './plain-data.js';

/** The three kinds of file that CAWS has. */
export type ConstitutionKind = 'spec' | 'policy' | 'waiver';

/**
 * What kind of file a value is, by its content first and its path where the content does not tell. Null where neither
 * does.
 */
export function detectKind(value: unknown, path: string): ConstitutionKind | null {
  return (isRecord(value) ? kindOfContent(value) : null) ?? kindOfPath(path);
}

function kindOfContent(file: PlainRecord): ConstitutionKind | null {
  const has = (...fields: readonly string[]): number => fields.filter((field) => field in file).length;
  if (has('risk_tiers', 'edit_rules', 'waiver_approval') > 0 || has('1', '2', '3') === 3) return 'policy';
  const asSpec = has('risk_tier', 'scope', 'acceptance', 'acceptance_criteria', 'invariants', 'blast_radius', 'mode');
  const asWaiver = has('gates', 'expires_at', 'approved_by', 'approvers', 'applies_to', 'reason_code', 'risk_owner');
  if (/^WV-\d/.test(String(file['id'])) || asWaiver > asSpec) return 'waiver';
  if ('waivers' in file && asSpec === 0) return 'gates' in file || 'version' in file ? 'policy' : 'waiver';
  if (asSpec > 0) return 'spec';
  return has('version', 'gates') === 2 ? 'policy' : null;
}

function kindOfPath(path: string): ConstitutionKind | null {
  const lower = path.toLowerCase();
  if (/waiver/.test(lower)) return 'waiver';
  if (/policy/.test(lower)) return 'policy';
  return /(^|\/)specs?\/|spec[^/]*$/.test(lower) ? 'spec' : null;
}
