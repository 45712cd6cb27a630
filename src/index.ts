/** Arbiter as a library: the operations table, and the ports of this machine to run it on. */
export { operations } from './app/operations.js';
export type { Operation, OperationContext } from './app/operation.js';
export { createPorts } from './wiring.js';
