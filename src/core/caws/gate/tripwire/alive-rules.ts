import type { Rule } from '../../finding.js';

const clause = 'constitution §4 rule 5';

/** What the Arbiter notes while it proves a run alive. All advise. */
export const aliveRules = {
  notLoaded: {
    id: 'gate.import',
    clause,
    severity: 'advisory',
    why: 'The tripwire imports each changed module before it fails; one that cannot be imported was not tried.',
    mend: 'see whether the module should load where tests run; a module of another runtime may be left as it is',
  },
  endsRun: {
    id: 'gate.import-ends-run',
    clause,
    severity: 'advisory',
    why: 'A program that ends its process on import would end the tripwire; without it every test file was still shown to be alive.',
    mend: 'start the program only when the file is run, not when it is imported',
  },
  restored: {
    id: 'gate.base-files',
    clause: 'constitution §4 rule 1',
    severity: 'advisory',
    why: 'Package scripts and runner configuration come from the base, so that a change cannot loosen its own gates.',
    mend: 'land changes of configuration on their own, by a human’s governance commit',
  },
} as const satisfies Record<string, Rule>;
