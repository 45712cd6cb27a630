/** One test of a tripwire: its title, and the nonce that must stand in the message with which it fails. */
export interface TripwireTest {
  readonly title: string;
  readonly nonce: string;
  /** How it fails. */
  readonly way: TripwireWay;
}

/** Independent ways to fail: who silences one has not silenced the others. */
export const tripwireWays = ['throw', 'assert', 'strict', 'rejection'] as const;
export type TripwireWay = (typeof tripwireWays)[number];

/** How one file of the runner's language loads: ES module, CommonJS. */
export type ModuleKind = 'module' | 'commonjs';
