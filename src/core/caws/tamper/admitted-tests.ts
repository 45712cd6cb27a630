import { compilePatterns } from '../scope-pattern.js';
import type { TamperContext } from './tamper-rule.js';

/** True when `removed_tests` names the file or the test: by a scope pattern, the test's name, or `file::name`. */
export function isRemovalAdmitted(context: TamperContext, file: string, name: string | null): boolean {
  const entries = context.admission?.removed_tests ?? [];
  if (entries.length === 0) return false;
  if (entries.some((entry) => entry === name || entry === `${file}::${name ?? ''}`)) return true;
  const matches = compilePatterns(entries);
  return matches(file) || (name !== null && (matches(name) || matches(`${file}::${name}`)));
}

/** True when `changed_assertions` names the file. */
export function isChangeAdmitted(context: TamperContext, file: string): boolean {
  const entries = context.admission?.changed_assertions ?? [];
  return entries.length > 0 && compilePatterns(entries)(file);
}
