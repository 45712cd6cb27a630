import { describe, expect, it } from 'vitest';
import { agentProfileSchema } from '../../../core/registry/agent-profile.js';
import type { Admission } from '../../../core/registry/breaker.js';
import type { Ports } from '../../../ports/ports.js';
import type { Registry } from '../../registry/open-registry.js';
import { awaitAgent } from './await-agent.js';

const profile = agentProfileSchema.parse({ name: 'ada', kind: 'replay', file: '/ada.json' });
const open = (untilMs: number): Admission => ({ state: 'open', untilMs, because: 'network' });

/** An agent's breaker as this process remembers it and as it is; each look takes the next of what it is. */
function lay(remembered: Admission, ...real: readonly Admission[]) {
  const seen = { now: 0, looks: 0, trials: 0, notes: [] as string[] };
  let known = remembered;
  const registry: Pick<Registry, 'admits' | 'refresh' | 'tryCall'> = {
    admits: () => known,
    async refresh() {
      known = real[Math.min(seen.looks, real.length - 1)] ?? known;
      seen.looks += 1;
    },
    async tryCall() {
      seen.trials += 1;
      return real[seen.looks]?.state !== 'open';
    },
  };
  const clock: Pick<Ports['clock'], 'nowMs' | 'pause'> = {
    nowMs: () => seen.now,
    async pause(ms) {
      seen.now += ms;
    },
  };
  const world = { registry, ports: { clock } } as unknown as Parameters<typeof awaitAgent>[0];
  const context = { signal: new AbortController().signal, tell: (_: string, text: string) => seen.notes.push(text) };
  return { seen, wait: () => awaitAgent(world, profile, 'task', context) };
}

describe('awaitAgent', () => {
  it('asks nobody where the breaker is closed', async () => {
    const { seen, wait } = lay({ state: 'closed' });
    await wait();
    expect(seen).toMatchObject({ looks: 0, trials: 0 });
  });

  it('refuses nothing, and waits for nothing, that it has not looked at: another process may have closed it', async () => {
    for (const remembered of [open(3_600_000), open(1000)]) {
      const { seen, wait } = lay(remembered, { state: 'closed' });
      await wait();
      expect(seen).toMatchObject({ looks: 1, now: 0, notes: [] });
    }
  });

  it('refuses one that rests for longer than a minute', async () => {
    const { seen, wait } = lay(open(60_001), open(60_001));
    await expect(wait()).rejects.toMatchObject({ code: 'AGENT_RESTING' });
    expect(seen.looks).toBe(1);
  });

  it('waits for one that rests for less, and then looks again', async () => {
    const { seen, wait } = lay(open(2000), open(2000), { state: 'closed' });
    await wait();
    expect(seen).toMatchObject({ looks: 2, now: 2000 });
    expect(seen.notes).toEqual([expect.stringContaining('the task waits')]);
  });

  it('looks again where another task was quicker to take the trial', async () => {
    const { seen, wait } = lay({ state: 'trial' }, open(500), { state: 'closed' });
    await wait();
    expect(seen).toMatchObject({ trials: 1, looks: 2, now: 500 });
  });
});
