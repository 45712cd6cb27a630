import { z } from 'zod';
import { dayMs } from '../time.js';

/** When an agent was last heard of, and whether it has yet to prove itself after a silence. Milliseconds since the epoch. */
export const healthSchema = z.strictObject({
  heard_ms: z.number().int().nonnegative(),
  /** Passes that it still owes before it is trusted with more than one task at a time; 0: none. */
  probation: z.number().int().min(0).max(100),
});
export type Health = z.infer<typeof healthSchema>;

export type HealthState = 'healthy' | 'probation' | 'stale';

/** After this long without a word an agent counts as offline. */
export const staleAfterMs = dayMs;

const owedAfterSilence = 3;

/** How an agent stands at a moment. A heartbeat from the future (a clock ahead of ours) counts as now. */
export function healthStateOf(health: Health, nowMs: number): HealthState {
  if (nowMs - health.heard_ms >= staleAfterMs) return 'stale';
  return health.probation > 0 ? 'probation' : 'healthy';
}

/** It was heard of: it answered, or its program, key and runtime were found. After a silence it comes back on probation. */
export function hear(health: Health, nowMs: number): Health {
  const isBack = healthStateOf(health, nowMs) === 'stale';
  return { heard_ms: Math.max(health.heard_ms, nowMs), probation: isBack ? owedAfterSilence : health.probation };
}

/** It was given work and a verdict came of it, or (`fault`) it broke down: then probation starts over where there is one. */
export function judgeConduct(health: Health, conduct: 'worked' | 'fault', nowMs: number): Health {
  if (conduct === 'fault') return health.probation > 0 ? { ...health, probation: owedAfterSilence } : health;
  const heard = hear(health, nowMs);
  return { ...heard, probation: Math.max(0, heard.probation - 1) };
}

/** How many tasks it may have at a time: one while it is on probation. */
export function capacityOf(concurrency: number, health: Health): number {
  return health.probation > 0 ? 1 : concurrency;
}
