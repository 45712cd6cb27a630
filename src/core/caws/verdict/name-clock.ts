import type { Verdict } from './verdict.js';

// Clocks of one machine are set by minutes at most when nobody means anything by it.
const toleranceMs = 5 * 60_000;

/**
 * What is odd about a verdict's wall clock, in words; null when nothing is, or when the verdict does not say how long its
 * log was. The order of the log decides, never a clock: what stood in the log before the verdict was reached is older.
 * @param enteredMs the instants, by index, at which the entries of its log were made, milliseconds since the epoch
 */
export function nameClock(clock: Verdict['clock'], enteredMs: readonly number[]): string | null {
  const size = clock.log_size_before ?? 0;
  const before = enteredMs[size - 1];
  const wallMs = Date.parse(clock.wall);
  if (before === undefined || !(wallMs < before - toleranceMs)) return null;
  return (
    `its clock says ${clock.wall}, and entry ${size - 1}, which was in the log before it, was made at ` +
    `${new Date(before).toISOString()}: a clock was moved`
  );
}
