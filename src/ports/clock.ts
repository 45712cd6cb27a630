/** Time and identity come from outside the core. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** 10 bytes for a ULID. */
  randomBytes(count: number): Uint8Array;
}
