import type { Policy } from '../policy.js';
import type { Waiver } from '../waiver.js';
import type { Dialect, WorkingSpec } from '../working-spec.js';
import { detectDialect } from './detect-dialect.js';
import type { ConstitutionKind } from './detect-kind.js';
import { checkPolicyA } from './policy-a.js';
import { checkPolicyB } from './policy-b.js';
import { checkPolicyC } from './policy-c.js';
import type { Checked } from './problem.js';
import { checkSpecA } from './spec-a.js';
import { checkSpecB } from './spec-b.js';
import { checkSpecC } from './spec-c.js';
import { checkWaiverB } from './waiver-b.js';
import { checkWaiverC } from './waiver-c.js';

const checks = {
  spec: { A: checkSpecA, B: checkSpecB, C: checkSpecC },
  policy: { A: checkPolicyA, B: checkPolicyB, C: checkPolicyC },
  // Dialect A had no waivers; a file asked for as one is held to the rules of B, the first that had.
  waiver: { A: checkWaiverB, B: checkWaiverB, C: checkWaiverC },
} as const;

export type CheckedIn<Value> = Checked<Value> & { readonly dialect: Dialect };

/** Checks a value as a working spec, by the dialect given or else the one it was written for. */
export function checkSpec(value: unknown, dialect: Dialect | 'auto' = 'auto'): CheckedIn<WorkingSpec> {
  const chosen = dialect === 'auto' ? detectDialect('spec', value) : dialect;
  return { ...checks.spec[chosen](value), dialect: chosen };
}

/** Checks a value as a policy. */
export function checkPolicy(value: unknown, dialect: Dialect | 'auto' = 'auto'): CheckedIn<Policy> {
  const chosen = dialect === 'auto' ? detectDialect('policy', value) : dialect;
  return { ...checks.policy[chosen](value), dialect: chosen };
}

/** Checks a value as a waiver. */
export function checkWaiver(value: unknown, dialect: Dialect | 'auto' = 'auto'): CheckedIn<Waiver> {
  const chosen = dialect === 'auto' ? detectDialect('waiver', value) : dialect;
  return { ...checks.waiver[chosen](value), dialect: chosen };
}

/** Checks a value as a file of the kind given. */
export function checkValue(
  kind: ConstitutionKind,
  value: unknown,
  dialect: Dialect | 'auto' = 'auto',
): CheckedIn<WorkingSpec | Policy | Waiver> {
  if (kind === 'spec') return checkSpec(value, dialect);
  return kind === 'policy' ? checkPolicy(value, dialect) : checkWaiver(value, dialect);
}
