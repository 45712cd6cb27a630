/** The ledger's operations. None of them appends but an erasure: only what Arbiter does itself is recorded. */
export { ledgerErase } from './erase.js';
export { ledgerExport } from './export.js';
export { ledgerProve } from './prove.js';
export { ledgerShow } from './show.js';
export { ledgerVerify } from './verify.js';
export { ledgerWitness } from './witness.js';
