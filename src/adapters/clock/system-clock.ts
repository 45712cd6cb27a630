import { randomBytes } from 'node:crypto';
import process from 'node:process';
import type { Clock, Deadline } from '../../ports/clock.js';

const maxTimerMs = 2 ** 31 - 1;

/** The wall clock and the operating system's randomness. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
  randomBytes: (count) => new Uint8Array(randomBytes(count)),
  pause(ms, signal) {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, maxTimerMs));
      signal.addEventListener('abort', done, { once: true });
    });
  },
  deadline: watchDeadline,
};

function watchDeadline(atMs: number | null, signal: AbortSignal): Deadline {
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal.reason);
  let timer: ReturnType<typeof setTimeout> | null = null;
  const passed = (): boolean => atMs !== null && Date.now() >= atMs;
  const look = (): void => {
    if (atMs === null) return;
    if (passed()) controller.abort(new Error('the deadline passed'));
    // A timer holds 31 bits; a deadline further away is looked at again.
    else timer = setTimeout(look, Math.min(atMs - Date.now(), maxTimerMs));
  };
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  look();
  return {
    signal: controller.signal,
    passed,
    forget() {
      signal.removeEventListener('abort', follow);
      if (timer !== null) clearTimeout(timer);
      if (!controller.signal.aborted) controller.abort(new Error('nobody waits for this any more'));
    },
  };
}
