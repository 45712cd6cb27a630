/** A native SHA-256 behind core's own type, for work over whole logs. */
export type { TreeHash } from '../core/ledger/tree.js';
