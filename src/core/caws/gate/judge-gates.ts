import { type Finding, findingOf } from '../finding.js';
import type { GateOutcome } from './gate-outcome.js';
import { failedRule, notRunRule } from './gate-rules.js';
import { testRules } from './test-rules.js';

/**
 * Holds each outcome to what it says of itself, before it is weighed or recorded. A mandatory gate that ended as `error`
 * or `not_run` has the blocking finding `gate.not-run`; one that ended as `fail` has a blocking or waivable finding, else
 * it gets `gate.failed`; one with a dead tripwire, or a tests gate with no executed test, becomes `fail` with the finding
 * for it. So a mandatory gate that did not pass never leaves a verdict at PASS. The findings of a gate that the base's
 * configuration calls `mandatory: false` advise only. Empty gives empty: that no gate is configured is for
 * `judgeRequiredGates` to say.
 */
export function judgeGates(outcomes: readonly GateOutcome[]): readonly GateOutcome[] {
  return outcomes.map((outcome) =>
    outcome.mandatory ? heldToItself(outcome) : { ...outcome, findings: outcome.findings.map(lowered) },
  );
}

function lowered(finding: Finding): Finding {
  return finding.severity === 'advisory' ? finding : { ...finding, severity: 'advisory' };
}

function heldToItself(outcome: GateOutcome): GateOutcome {
  const missing = missingFinding(outcome);
  if (missing === null) return outcome;
  const failed = outcome.outcome === 'pass' ? { outcome: 'fail' as const, reason: missing.message } : {};
  return { ...outcome, ...failed, findings: [...outcome.findings, missing] };
}

function missingFinding(outcome: GateOutcome): Finding | null {
  if (outcome.findings.some((finding) => finding.severity === 'block')) return null;
  const said = outcome.reason === null ? '' : `: ${outcome.reason}`;
  const name = `the mandatory gate "${outcome.name}"`;
  if (outcome.outcome === 'error') return findingOf(notRunRule, `${name} did not come to a result${said}`);
  if (outcome.outcome === 'not_run') return findingOf(notRunRule, `${name} was not run${said}`);
  return unprovenFinding(outcome, name) ?? failureFinding(outcome, `${name} failed${said}`);
}

function unprovenFinding(outcome: GateOutcome, name: string): Finding | null {
  if (outcome.tripwire === 'missing' || outcome.tripwire === 'passed') {
    return findingOf(testRules.tripwire, `${name} is dead: its tripwire did not fail as planted`);
  }
  const idle = outcome.kind === 'tests' && (outcome.executedCount ?? 0) === 0;
  return idle ? findingOf(testRules.zero, `${name} executed no test`) : null;
}

function failureFinding(outcome: GateOutcome, message: string): Finding | null {
  const held = outcome.findings.some((finding) => finding.severity === 'waivable');
  return outcome.outcome === 'fail' && !held ? findingOf(failedRule, message) : null;
}
