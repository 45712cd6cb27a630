import picomatch from 'picomatch';
import type { TamperContext } from '../tamper-rule.js';

/** True when the admissions of the spec name the dependency, by its name or by a glob such as `@types/*`. */
export function isAdmitted(name: string, context: TamperContext): boolean {
  const admitted = context.admission?.dependencies ?? [];
  const last = name.split(' > ').at(-1) ?? name;
  return admitted.some(
    (entry) => entry === name || entry === last || (/[*?[\]{}]/.test(entry) && picomatch.isMatch(last, entry)),
  );
}
