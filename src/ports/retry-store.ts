/** One more asking of an agent that a fault had stopped. Identity is (task, attempt, candidate). */
export interface Retry {
  readonly taskId: string;
  /** The attempt that failed. */
  readonly attempt: number;
  readonly candidate: number;
  readonly atMs: number;
}

/** What the budget was decided by: retries granted, and tasks that came, within the window before the retry. */
export interface RetryCount {
  readonly retries: number;
  readonly tasks: number;
}

/** The budget of retries that all processes share: what each of them counts would let an outage be fed by all. */
export interface RetryStore {
  /**
   * Takes a retry where `allows` says so of what was counted in the `windowMs` before it, one taker after the other. One
   * that was taken already is had again.
   */
  take(
    retry: Retry,
    windowMs: number,
    allows: (count: RetryCount) => boolean,
  ): Promise<RetryCount & { readonly granted: boolean }>;
}
