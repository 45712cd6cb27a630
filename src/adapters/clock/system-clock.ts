import { randomBytes } from 'node:crypto';
import type { Clock } from '../../ports/clock.js';

/** The machine's clock and its source of randomness. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  randomBytes: (count) => new Uint8Array(randomBytes(count)),
};
