import type { Operation } from './operation.js';

/**
 * Operations that are started many times a day by git, by CI and by checks, each by the room that holds it: loading the
 * whole table takes longer than most of them work. A test holds each against the table.
 */
export const quickOperations: Readonly<Record<string, () => Promise<Operation>>> = {
  'hook receive': async () => (await import('./hook/receive.js')).receive,
  verify: async () => (await import('./verify-range/verify-range.js')).verifyRange,
  'verdict verify': async () => (await import('./verdict/verify.js')).verify,
  'ledger verify': async () => (await import('./ledger/verify.js')).ledgerVerify,
  measure: async () => (await import('./adjudicate/measure.js')).measure,
  examine: async () => (await import('./adjudicate/examine.js')).examine,
  'spec check': async () => (await import('./constitution/operations.js')).specCheck,
  'policy check': async () => (await import('./constitution/operations.js')).policyCheck,
};

/** The operation of a name, with as little else as can be: for a process that runs one and ends. */
export async function loadOperation(name: string): Promise<Operation> {
  const quick = quickOperations[name];
  return quick === undefined ? (await import('./operations.js')).findOperation(name) : quick();
}
