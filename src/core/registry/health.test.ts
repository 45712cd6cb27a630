import { describe, expect, it } from 'vitest';
import { agentProfileSchema } from './agent-profile.js';
import { capacityOf, hear, healthStateOf, judgeConduct, staleAfterMs } from './health.js';
import { noLoad } from './load.js';
import { statusOf } from './status.js';

const start = 1_800_000_000_000;
const fresh = { heard_ms: start, probation: 0 };
const profile = agentProfileSchema.parse({ name: 'a', kind: 'replay', limits: { concurrency: 4 } });

describe('health', () => {
  it('is stale after a day of silence, not a millisecond before', () => {
    expect(healthStateOf(fresh, start + staleAfterMs - 1)).toBe('healthy');
    expect(healthStateOf(fresh, start + staleAfterMs)).toBe('stale');
  });

  it('comes back on probation: one task at a time, three passes, and over again after a fault', () => {
    const back = hear(fresh, start + 2 * staleAfterMs);
    expect(back).toEqual({ heard_ms: start + 2 * staleAfterMs, probation: 3 });
    expect(capacityOf(4, back)).toBe(1);
    const once = judgeConduct(back, 'worked', back.heard_ms + 1);
    expect(once.probation).toBe(2);
    expect(judgeConduct(once, 'fault', back.heard_ms + 2).probation).toBe(3);
    const proven = [1, 2, 3].reduce((health, step) => judgeConduct(health, 'worked', back.heard_ms + step), back);
    expect(capacityOf(4, proven)).toBe(4);
    expect(judgeConduct(proven, 'fault', back.heard_ms + 9)).toEqual(proven);
  });

  it('takes a clock that runs ahead for now, and never goes back in time', () => {
    const ahead = { heard_ms: start + 60_000, probation: 0 };
    expect(healthStateOf(ahead, start)).toBe('healthy');
    expect(hear(ahead, start)).toEqual(ahead);
  });
});

describe('status', () => {
  const later = start + 1000;
  it.each([
    ['available', 'available', noLoad, fresh],
    ['available', 'busy', { running: 4, waiting: 0 }, fresh],
    ['available', 'available', { running: 3, waiting: 9 }, fresh],
    ['available', 'busy', { running: 1, waiting: 0 }, { heard_ms: start, probation: 3 }],
    ['available', 'offline', { running: 4, waiting: 0 }, { heard_ms: 0, probation: 0 }],
    ['draining', 'draining', { running: 4, waiting: 0 }, { heard_ms: 0, probation: 0 }],
    ['offline', 'offline', noLoad, fresh],
    ['retired', 'retired', noLoad, fresh],
  ] as const)('declared %s is %s', (status, told, load, health) => {
    expect(statusOf({ ...profile, status }, load, health, later)).toBe(told);
  });
});
