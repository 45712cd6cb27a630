import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStores } from '../../src/adapters/memory/memory-stores.js';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import { type Registry, agentBreaker, endpointBreaker, openRegistry } from '../../src/app/registry/open-registry.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import type { CallFault } from '../../src/core/registry/breaker.js';
import { agentNeedSchema } from '../../src/core/registry/capability-match.js';
import { staleAfterMs } from '../../src/core/registry/health.js';
import { findAgent, queryAgents } from '../../src/core/registry/snapshot.js';
import { outcomeOf } from './outcomes.js';

const url = 'https://models.example/v1';
const able = agentProfileSchema.parse({
  name: 'able',
  kind: 'replay',
  capabilities: { languages: ['go'] },
  endpoint: { protocol: 'openai-chat', base_url: url },
});
const anyone = agentNeedSchema.parse({});

describe('a registry in memory', () => {
  let stores: ReturnType<typeof createMemoryStores>;
  let registry: Registry;
  let nowMs = 0;
  const clock = { ...systemClock, nowMs: () => nowMs };
  const statusOf = (name: string) => findAgent(registry.snapshot(), name)?.status;
  beforeEach(async () => {
    nowMs = Date.now();
    stores = createMemoryStores();
    registry = await openRegistry(stores, clock);
    await registry.register(able);
    // A store says by its own clock when it heard of an agent: this one's time goes on from there.
    nowMs = Date.now();
  });
  const fault = (more: Partial<CallFault> = {}): CallFault => ({
    errorClass: 'network',
    atMs: nowMs,
    retryAfterMs: null,
    draw: 0,
    ...more,
  });

  it('is asked for what a task needs, and knows a change at once', async () => {
    expect(queryAgents(registry.snapshot(), agentNeedSchema.parse({ languages: ['go'] }))).toHaveLength(1);
    expect(queryAgents(registry.snapshot(), agentNeedSchema.parse({ languages: ['rust'] }))).toEqual([]);
    const before = registry.snapshot();
    await registry.update('able', (one) => ({ ...one, status: 'draining' }));
    expect(queryAgents(registry.snapshot(), anyone)).toEqual([]);
    expect(queryAgents(before, anyone)).toHaveLength(1);
    expect(await registry.update('nobody', (one) => one)).toBeNull();
  });

  it('shows an outcome in the figures at once, and a swapped version with what it inherited', async () => {
    for (let index = 0; index < 6; index += 1) await registry.recordOutcome(outcomeOf('able', index), url);
    const figures = () => findAgent(registry.snapshot(), 'able')?.performance.get('code-editing/standard');
    expect(figures()).toMatchObject({ n: 6, evidence: 6, success: 4 / 6 });
    await registry.swap({ ...able, version: '2' }, 0.5);
    expect(figures()).toMatchObject({ n: 0, evidence: 3, success: 4 / 6 });
    expect(registry.facts().versions.get('able')?.get('1')?.performance.get('code-editing/standard')?.n).toBe(6);
  });

  it('counts who was silent for a day as offline, and who comes back as on probation: one task at a time', async () => {
    nowMs += staleAfterMs;
    await registry.refresh();
    expect(statusOf('able')).toBe('offline');
    await registry.heard('able');
    expect(statusOf('able')).toBe('available');
    expect(findAgent(registry.snapshot(), 'able')?.health.probation).toBe(3);
    for (let index = 0; index < 3; index += 1) await registry.recordOutcome(outcomeOf('able', index), null);
    expect(findAgent(registry.snapshot(), 'able')?.health.probation).toBe(0);
    // The same outcome again is no proof.
    nowMs += staleAfterMs;
    await registry.heard('able');
    await registry.recordOutcome(outcomeOf('able', 0), null);
    expect(findAgent(registry.snapshot(), 'able')?.health.probation).toBe(3);
  });

  it('opens the breakers that a fault names, gives one trial to one caller, and closes them when it goes well', async () => {
    const keys = [agentBreaker('able'), endpointBreaker(url)];
    for (let index = 0; index < 3; index += 1) await registry.recordFault('able', keys, fault());
    for (const key of keys) expect(registry.admits(key)).toMatchObject({ state: 'open', because: 'network' });
    const [key = ''] = keys;
    expect(await registry.tryCall(key)).toBe(false);
    nowMs += 600_000;
    expect(registry.admits(key).state).toBe('trial');
    expect(await registry.tryCall(key)).toBe(true);
    expect(await registry.tryCall(key)).toBe(false);
    await registry.recordOutcome(outcomeOf('able', 77), url);
    for (const one of keys) expect(registry.admits(one)).toEqual({ state: 'closed' });
    expect(await registry.tryCall(key)).toBe(true);
    expect(registry.admits(agentBreaker('never called'))).toEqual({ state: 'closed' });
  });

  it('follows what others write to the same store', async () => {
    const stop = new AbortController();
    const other = await openRegistry(stores, clock);
    const following = other.follow(stop.signal);
    await registry.register({ ...able, name: 'second' });
    await expect.poll(() => findAgent(other.snapshot(), 'second')?.status, { timeout: 1000 }).toBe('available');
    await stores.agents.remove('second');
    await expect.poll(() => findAgent(other.snapshot(), 'second'), { timeout: 1000 }).toBeUndefined();
    stop.abort();
    await following;
  });
});
