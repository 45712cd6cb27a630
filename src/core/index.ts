export { Fault, isFault, type Place } from './fault.js';
export { type Finding, type Rule, type Severity, findingOf, findingSchema, sortFindings } from './caws/finding.js';
export { type Change, type ChangedFile, changeSchema, totalChange } from './caws/change.js';
export { type WorkingSpec, workingSpecSchema } from './caws/working-spec.js';
export { type Policy, policySchema } from './caws/policy.js';
export { type Waiver, waiverSchema } from './caws/waiver.js';
export { type ArbiterConfig, arbiterConfigSchema } from './caws/arbiter-config.js';
export { type GateOutcome, gateOutcomeSchema } from './caws/gate/gate-outcome.js';
