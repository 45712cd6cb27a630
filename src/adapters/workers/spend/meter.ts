import type { Usage } from '../../../core/registry/cost.js';
import type { ModelCall } from '../../../core/learning/capture.js';
import type { BoundKind, Spend } from '../../../core/tasks/spend.js';

export type { Usage } from '../../../core/registry/cost.js';

/** Counts what one run spends and tells the moment a bound is reached. */
export interface Meter {
  /**
   * Adds one model call. A call whose usage was not reported counts by an estimate from its bytes (4 a token), never as zero.
   * `firstTokenMs`: from asking to the first byte of the answer; null where it came whole or not at all.
   */
  add(usage: Usage, firstTokenMs?: number | null): void;
  /** The calls counted so far, the first 500: what a transcript tells of them. */
  calls(): readonly ModelCall[];
  /** What was spent so far, wall time included. */
  spend(): Spend;
  /** The bound that is reached; null while all hold. */
  reached(): BoundKind | null;
  /** Fires once, when a bound is reached. */
  onReached(stop: (bound: BoundKind) => void): void;
}
