import type { GateKind } from '../arbiter-config.js';
import { findingOf } from '../finding.js';
import { type GateJudgement, judgementOf } from './gate-judgement.js';
import { gateRule, notRunRule } from './gate-rules.js';

/**
 * Judges a gate that gives no report, by its exit code: 0 passes, any other code fails in the severity of its kind
 * (`exitSeverity`), a signal (null) is an error and blocks.
 */
export function judgeExit(kind: GateKind, exit: number | null): GateJudgement {
  if (exit === 0) return judgementOf([]);
  if (exit === null) {
    const finding = findingOf(notRunRule, `the ${kind} gate was ended by a signal`);
    return judgementOf([finding], { outcome: 'error' });
  }
  return judgementOf([findingOf(gateRule(kind), `the ${kind} gate ended with ${exit}`)]);
}
