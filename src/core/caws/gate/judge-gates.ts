import { type Finding, findingOf } from '../finding.js';
import type { GateOutcome } from './gate-outcome.js';
import { failedRule, notRunRule } from './gate-rules.js';

/**
 * The findings of all gates as the verdict weighs them, in the order of the outcomes. Of a mandatory gate: its own findings, and where it ended as
 * `error` or `not_run` without a blocking one, `gate.not-run`; where it ended as `fail` without a blocking or
 * waivable one, `gate.failed`. So a mandatory gate that did not pass can never leave a verdict at PASS. A tests gate whose tripwire
 * did not fail as planted, or that executed no test, is held to that here too, whatever its outcome says.
 * The findings of a gate that the base's configuration calls `mandatory: false` advise only.
 * Empty gives empty: that no gate is configured is for `requiredGates` to say.
 */
export function judgeGates(outcomes: readonly GateOutcome[]): readonly Finding[] {
  return outcomes.flatMap((outcome) =>
    outcome.mandatory ? [...outcome.findings, ...missingFindings(outcome)] : outcome.findings.map(lowered),
  );
}

function lowered(finding: Finding): Finding {
  return finding.severity === 'advisory' ? finding : { ...finding, severity: 'advisory' };
}

function missingFindings(outcome: GateOutcome): readonly Finding[] {
  const blocked = outcome.findings.some((finding) => finding.severity === 'block');
  if (blocked) return [];
  const said = outcome.reason === null ? '' : `: ${outcome.reason}`;
  if (outcome.outcome === 'error' || outcome.outcome === 'not_run') {
    const how = outcome.outcome === 'error' ? 'did not come to a result' : 'was not run';
    return [findingOf(notRunRule, `the mandatory gate "${outcome.name}" ${how}${said}`)];
  }
  if (contradictsPass(outcome)) {
    return [
      findingOf(
        notRunRule,
        `the gate "${outcome.name}" shows no executed test or no failed tripwire, so it proved nothing`,
      ),
    ];
  }
  const held = outcome.findings.some((finding) => finding.severity === 'waivable');
  return outcome.outcome === 'fail' && !held
    ? [findingOf(failedRule, `the mandatory gate "${outcome.name}" failed${said}`)]
    : [];
}

function contradictsPass(outcome: GateOutcome): boolean {
  const dead = outcome.tripwire === 'missing' || outcome.tripwire === 'passed';
  return dead || (outcome.kind === 'tests' && (outcome.executedCount ?? 0) === 0);
}
