/** The ledger's operations. None of them appends: only what Arbiter does itself is recorded. */
export { ledgerExport } from './export.js';
export { ledgerProve } from './prove.js';
export { ledgerShow } from './show.js';
export { ledgerVerify } from './verify.js';
export { ledgerWitness } from './witness.js';
