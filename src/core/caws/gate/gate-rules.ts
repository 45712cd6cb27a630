import type { GateKind } from '../arbiter-config.js';
import type { Rule, Severity } from '../finding.js';

const table = 'constitution §3, class table';

/**
 * How grave it is that a gate of a kind fails by its exit code alone (constitution §3, class table). Build and tests
 * block. Security blocks too: without a report nothing shows that what was found is below critical. The table
 * names no way out of a custom gate, so it blocks.
 */
export const exitSeverity: Readonly<Record<GateKind, Severity>> = {
  build: 'block',
  tests: 'block',
  security: 'block',
  lint: 'waivable',
  coverage: 'waivable',
  mutation: 'waivable',
  contracts: 'waivable',
  accessibility: 'waivable',
  performance: 'waivable',
  custom: 'block',
};

const whys: Readonly<Record<GateKind, string>> = {
  build: 'What does not build cannot be shown to do anything.',
  tests: 'A change is accepted only on evidence, and a red run is evidence against it.',
  security: 'A weakness that a tool can see is one that an attacker will see.',
  lint: 'The repository has agreed on these rules, and the change breaks one.',
  coverage: 'Code that no test runs is a claim without evidence.',
  mutation: 'Tests that stay green when the code is broken prove nothing of it.',
  contracts: 'Others build on the contract and break when it breaks.',
  accessibility: 'Some people cannot use what fails this check.',
  performance: 'The change leaves the performance budget that was agreed on.',
  custom: 'The repository asks for this gate, and it did not pass.',
};

/** The rule `gate.<kind>`, in the severity of its exit code. */
export function gateRule(kind: GateKind): Rule {
  return {
    id: `gate.${kind}`,
    clause: kind === 'build' || kind === 'tests' ? `Article 7 (Proof and Verification); ${table}` : table,
    severity: exitSeverity[kind],
    why: whys[kind],
    mend: 'run the gate’s command in the checkout, mend what it names, and plead again',
  };
}

const failClosed = 'constitution §4 rule 3';

/** A gate that did not come to a judgement: not run, timed out, no report or one that cannot be read. */
export const notRunRule: Rule = {
  id: 'gate.not-run',
  clause: failClosed,
  severity: 'block',
  why: 'What did not run is never a pass.',
  mend: 'make the gate’s command run to its end and write its report within its limits',
};

/** A gate that says it failed and gives no finding of its own. */
export const failedRule: Rule = {
  id: 'gate.failed',
  clause: failClosed,
  severity: 'block',
  why: 'A gate that failed without saying why cannot be weighed, so it counts in full.',
  mend: 'read the gate’s output and mend what it names',
};

/** A gate that the tier or the policy asks for and the configuration does not have. */
export const requiredRule: Rule = {
  id: 'gate.required',
  clause: 'constitution §2, thresholds by tier',
  severity: 'waivable',
  why: 'The tier of this spec asks for a proof that nothing here produces.',
  mend: 'have a human add the gate to .caws/arbiter.yaml at the base',
};
