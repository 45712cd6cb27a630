import type { CommandSurface } from './command-surface.js';

/** Faces of the operations that are loaded alone, as `src/app/load-operation.ts` has them. A test holds them together. */
export const quickSurfaces: Readonly<Record<string, () => Promise<CommandSurface<unknown, unknown>>>> = {
  'hook receive': async () => (await import('./publication.js')).hookReceiveSurface,
  verify: async () => (await import('./publication.js')).verifyRangeSurface,
  'verdict verify': async () => (await import('./verdict.js')).verdictVerifySurface,
  'ledger verify': async () => (await import('./ledger.js')).ledgerVerifySurface,
  measure: async () => (await import('./measure.js')).measureSurface,
  examine: async () => (await import('./examine.js')).examineSurface,
  'spec check': async () => (await import('./constitution.js')).specCheckSurface,
  'policy check': async () => (await import('./constitution.js')).policyCheckSurface,
};

/** The surface of an operation, with as little else as can be. */
export async function loadSurface(name: string): Promise<CommandSurface<unknown, unknown>> {
  const quick = quickSurfaces[name];
  return quick === undefined ? (await import('./index.js')).findSurface(name) : quick();
}
