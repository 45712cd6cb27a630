import type { Rule } from '../finding.js';

const article7 = 'Article 7 (Proof and Verification)';

/** Rules on what a test run showed. All but `base` block: constitution §3, class table, first row. */
export const testRules = {
  zero: {
    id: 'gate.tests.zero',
    clause: 'constitution §4 rule 3',
    severity: 'block',
    why: 'A run that executes no test proves nothing, however green it looks.',
    mend: 'make the gate’s command run the tests, and its report list them',
  },
  failed: {
    id: 'gate.tests.failed',
    clause: article7,
    severity: 'block',
    why: 'A change is accepted only on evidence, and a red test is evidence against it.',
    mend: 'mend the code until the test passes',
  },
  tripwire: {
    id: 'gate.tripwire',
    clause: 'constitution §4 rule 5',
    severity: 'block',
    why: 'The Arbiter plants a test that must fail in every run; a run that does not report its failure cannot report any other.',
    mend: 'find out what silences failing tests in this run: an exit in product code, a replaced assertion, a rewritten report, or a runner that skips the file',
  },
  missing: {
    id: 'gate.tests.missing-ids',
    clause: 'constitution §4 rule 4',
    severity: 'block',
    why: 'A test that ran on the base and no longer runs has lost its say without anyone having agreed to it.',
    mend: 'bring the test back, or have a human admit its removal in .caws/arbiter.yaml (admissions.<spec>.removed_tests) at the base',
  },
  skipped: {
    id: 'gate.tests.skipped',
    clause: 'constitution §4 rule 4',
    severity: 'block',
    why: 'A skipped test is not executed, so the tests that ran no longer contain those of the base.',
    mend: 'let the test run again, or have a human admit its removal in .caws/arbiter.yaml (admissions.<spec>.removed_tests) at the base',
  },
  base: {
    id: 'gate.tests.base',
    clause: 'constitution §4 rule 4',
    severity: 'waivable',
    why: 'Which tests ran on the base is not known, so it cannot be shown that they all still run.',
    mend: 'mend the base so that its own tests run and report, or have the gap waived',
  },
  exit: {
    id: 'gate.tests.exit',
    clause: 'constitution §4 rule 3',
    severity: 'block',
    why: 'The report and the exit code of one run must tell the same; where they do not, one of them was forged or cut short.',
    mend: 'make the command end with 0 exactly when every test passed',
  },
} as const satisfies Record<string, Rule>;
