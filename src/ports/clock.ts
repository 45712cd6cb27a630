/** A signal that fires with another, or when an instant has come. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True once the instant has come, whatever fired first. */
  passed(): boolean;
  /** Lets go of timers and listeners; whoever still waits on the signal is told that nobody does any more. */
  forget(): void;
}

/** Time and identity come from outside the core. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Whole milliseconds of a clock that only grows, whatever is done to the wall clock; since the machine started. */
  monotonicMs(): number;
  /** 10 bytes for a ULID. */
  randomBytes(count: number): Uint8Array;
  /** Waits that long, or until the signal fires. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** `atMs` null: only the signal counts. */
  deadline(atMs: number | null, signal: AbortSignal): Deadline;
}
