/** The ledger's operations. None of them appends but an erasure: only what Arbiter does itself is recorded. */
export { ledgerAudit } from './audit/audit.js';
export { ledgerErase } from './erase.js';
export { ledgerExport } from './export.js';
export { ledgerProve } from './prove.js';
export { ledgerShow } from './show.js';
export { ledgerVerify } from './verify.js';
export { ledgerWitness } from './witness.js';
