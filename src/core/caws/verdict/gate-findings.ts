import { type Finding, type Severity, findingOf } from '../finding.js';
import type { GateOutcome } from '../gate/gate-outcome.js';
import { exitSeverity } from '../gate/gate-rules.js';

/**
 * The findings of the gates, and one more wherever a mandatory gate did not pass and nothing that it found says so
 * gravely enough: fail closed. A mandatory gate with no outcome at all is one that did not run.
 */
export function collectGateFindings(gates: readonly GateOutcome[], mandatoryGates: readonly string[]): Finding[] {
  const ran = new Set(gates.map((gate) => gate.name));
  const absent = [...new Set(mandatoryGates)].filter((name) => !ran.has(name));
  const mandatory = new Set(mandatoryGates);
  return [
    ...gates.flatMap((gate) => {
      const missing = gate.mandatory || mandatory.has(gate.name) ? missingFinding(gate) : null;
      return missing === null ? gate.findings : [...gate.findings, missing];
    }),
    ...absent.map((name) => findingOf(ruleOf('not-run', 'block'), `mandatory gate ${name} has no outcome`)),
  ];
}

function missingFinding(gate: GateOutcome): Finding | null {
  const blocked = gate.findings.some((finding) => finding.severity === 'block');
  if (blocked) return null;
  if (gate.tripwire === 'missing' || gate.tripwire === 'passed') {
    return findingOf(ruleOf('tripwire', 'block'), `gate ${gate.name} is dead: its tripwire ${tripwireText(gate)}`);
  }
  if (gate.outcome === 'pass') return null;
  const said = `gate ${gate.name}: ${gate.outcome.replace('_', ' ')}${gate.reason === null ? '' : `: ${gate.reason}`}`;
  if (gate.outcome !== 'fail') return findingOf(ruleOf(gate.kind, 'block'), said);
  if (gate.findings.some((finding) => finding.severity === 'waivable')) return null;
  return findingOf(ruleOf(gate.kind, exitSeverity[gate.kind]), said);
}

function tripwireText(gate: GateOutcome): string {
  return gate.tripwire === 'missing' ? 'was not reported' : 'passed, though it must fail';
}

function ruleOf(name: string, severity: Severity) {
  return {
    id: `gate.${name}`,
    clause: 'Article 7 (verifiable evidence); constitution §4',
    severity,
    why: 'what was not proved by a run of the Arbiter’s own is not proved',
    mend: 'read the gate’s output, make the gate pass on this change, then adjudicate again',
  };
}
