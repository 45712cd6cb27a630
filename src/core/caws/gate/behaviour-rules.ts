import type { Rule } from '../finding.js';

/** B1, B3, B5 and B6 (constitution §4, behavioural checks that outrank text rules). B4 stands in judge-mutation.ts. */
export const behaviourRules = {
  B1: {
    id: 'B1',
    clause: 'constitution §4, B1 (base tests on candidate source)',
    severity: 'waivable',
    why: 'The tests of the base state what the code has promised so far; the change breaks a promise or rewrote the test that held it.',
    mend: 'keep the old behaviour, or have a human admit the changed assertion in .caws/arbiter.yaml (admissions.<spec>.changed_assertions) at the base',
  },
  B3: {
    id: 'B3',
    clause: 'constitution §4, B3 (new tests must fail on base)',
    severity: 'waivable',
    why: 'A test that passes without the fix does not show that the fix fixes anything.',
    mend: 'add a test that is red on the base and green on the candidate, using only what the base exports',
  },
  B5: {
    id: 'B5',
    clause: 'constitution §4, B5 (our result against the worker’s claim); Article 7 (Proof and Verification)',
    severity: 'block',
    why: 'Claims are accepted only when verifiable evidence bears them out; this one is contradicted by what the Arbiter measured.',
    mend: 'plead again with the figures and digests of a real run',
  },
  B6: {
    id: 'B6',
    clause: 'constitution §4, B6 (rationale against measured facts)',
    severity: 'advisory',
    why: 'A rationale that does not fit the change misleads whoever reviews it.',
    mend: 'describe the change as it is',
  },
} as const satisfies Record<string, Rule>;
