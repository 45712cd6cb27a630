import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStores } from '../../src/adapters/memory/memory-stores.js';
import { agentProfileSchema, type AgentProfile } from '../../src/core/registry/agent-profile.js';
import { admit, takeTrial, tripBreaker } from '../../src/core/registry/breaker.js';
import { hear, judgeConduct } from '../../src/core/registry/health.js';
import { type Observation, historyKey, rebuildHistories } from '../../src/core/registry/history.js';
import type { RegistryStore } from '../../src/ports/registry-store.js';
import type { Candidate, Task } from '../../src/core/tasks/task.js';
import type { AgentStore, TaskStore } from '../../src/ports/task-store.js';
import type { TestCluster } from '../store/cluster.js';
import { storePlaces } from '../store/places.js';
import { aTask, openTestStores, submitted } from '../store/stores.js';

interface Stores {
  readonly agents: AgentStore;
  readonly registry: RegistryStore;
  readonly tasks: Pick<TaskStore, 'create'>;
  close(): Promise<void>;
}

async function onCluster(cluster: TestCluster): Promise<Stores> {
  const { agents, registry, tasks, close } = await openTestStores(await cluster.createDatabase());
  return { agents, registry, tasks, close: () => close().then(() => cluster.stop()) };
}

const places = await storePlaces<Stores>(
  () => ({ ...createMemoryStores(), close: () => Promise.resolve() }),
  onCluster,
);

let count = 0;
const agentOf = (more: object = {}): AgentProfile => {
  count += 1;
  return agentProfileSchema.parse({ name: `agent-${count}`, kind: 'replay', ...more });
};
const outcomeOf = (agent: AgentProfile, more: Partial<Observation> = {}): Observation => {
  count += 1;
  return {
    decision_id: `d-${count}`,
    revision: 0,
    agent: agent.name,
    version: agent.version,
    surface: 'code-editing',
    complexity: 'standard',
    tags: ['go'],
    passed: true,
    reward: 0.9,
    cost_micro_usd: 1000,
    latency_ms: 500,
    at_ms: 1_800_000_000_000,
    ...more,
  };
};

describe.each(places)('registry in $name', ({ skip, open }) => {
  const promise = it.skipIf(skip);
  let stores: Stores;
  beforeAll(async () => {
    if (!skip) stores = await open();
  });
  afterAll(async () => {
    if (!skip) await stores.close();
  });
  const add = async (more: object = {}): Promise<AgentProfile> => {
    const agent = agentOf(more);
    await stores.agents.put(agent);
    return agent;
  };
  const historyOf = async (place: Observation) => {
    const { histories } = await stores.registry.read(null);
    return histories.find((one) => historyKey(one.place) === historyKey(place))?.history;
  };
  const allOutcomes = async (): Promise<readonly Observation[]> => {
    const all: Observation[] = [];
    for await (const some of stores.registry.observations()) all.push(...some);
    return all;
  };

  promise('reads all, and then what has changed since', async () => {
    const one = await add();
    const two = await add();
    const whole = await stores.registry.read(null);
    expect(whole.agents.map(({ name }) => name)).toEqual(expect.arrayContaining([one.name, two.name]));
    expect(whole.agents).toHaveLength(whole.agentRows);
    expect(whole.versions.find(({ agent }) => agent === one.name)?.record).toMatchObject({
      version: '1',
      parent: null,
    });
    expect(Math.abs((whole.health.get(one.name)?.heard_ms ?? 0) - Date.now())).toBeLessThan(60_000);
    const three = await add();
    const news = await stores.registry.read(whole.mark);
    expect(news.agents.map(({ name }) => name)).toContain(three.name);
    expect(news.agentRows).toBe(whole.agentRows + 1);
    await stores.agents.remove(three.name);
    expect((await stores.registry.read(news.mark)).agentRows).toBe(whole.agentRows);
  });

  promise('counts what agents work on and what waits for them, by the tasks that are open', async () => {
    const [one, two] = [await add(), await add()];
    const loadOf = async ({ name }: AgentProfile) => (await stores.registry.read(null)).loads.get(name);
    const put = (more: Partial<Task>, agents: readonly string[] = []): Promise<unknown> =>
      stores.tasks.create(aTask({ agents: [...agents] }, more), submitted, { maxOpen: 1000 });
    const at = (agent: string, more: Partial<Candidate> = {}): Candidate => ({
      ...{ agent, chunks: [], plan: null, plea: null, failure: null, examined: null, verdict: null },
      ...more,
    });
    expect(await loadOf(one)).toBeUndefined();
    // One that was named waits in its lane from the start; one that was routed, until it works.
    await put({}, [one.name]);
    await put({ state: 'routed', ladder: [two.name, one.name], rung: 1 });
    expect(await loadOf(one)).toEqual({ running: 0, waiting: 2 });
    const sha = 'a'.repeat(64);
    const failed = { reason: { code: 'X', message: 'x', mend: 'x' }, then: 'escalate' as const };
    const race = [at(one.name), at(two.name), at(two.name, { plea: { sha256: sha, patch: sha } })];
    await put({ state: 'working', ladder: [one.name], candidates: [...race, at(one.name, { failure: failed })] });
    await put({ state: 'examined', ladder: [two.name], candidates: [at(two.name)] });
    await put({ state: 'failed', ladder: [two.name] });
    expect(await loadOf(one)).toEqual({ running: 1, waiting: 2 });
    expect(await loadOf(two)).toEqual({ running: 1, waiting: 0 });
  });

  promise('changes a profile, keeps it for its history, and lists no retired agent', async () => {
    const agent = await add();
    const drained = await stores.registry.changeProfile(agent.name, (before) => ({ ...before, status: 'draining' }));
    expect(drained?.status).toBe('draining');
    expect((await stores.agents.list()).find(({ name }) => name === agent.name)?.status).toBe('draining');
    await stores.registry.changeProfile(agent.name, (before) => ({ ...before, status: 'retired' }));
    expect((await stores.agents.list()).map(({ name }) => name)).not.toContain(agent.name);
    expect((await stores.registry.read(null)).agents.map(({ name }) => name)).toContain(agent.name);
    expect(await stores.registry.changeProfile('nobody', (before) => before)).toBeNull();
  });

  promise('takes an outcome in once, and a revision in the place of what it revises', async () => {
    const agent = await add();
    const first = outcomeOf(agent);
    expect(await stores.registry.observe(first)).toMatchObject({ outcome: 'new', mended: false });
    expect(await stores.registry.observe(first)).toMatchObject({ outcome: 'duplicate', changed: [] });
    expect(await historyOf(first)).toMatchObject({ n: 1, passed: 1, tags: { go: { n: 1, passed: 1 } } });
    const revised = { ...first, revision: 2, passed: false, reward: 0, complexity: 'complex' };
    expect((await stores.registry.observe(revised)).outcome).toBe('revised');
    expect(await historyOf(first)).toMatchObject({ n: 0, passed: 0 });
    expect(await historyOf(revised)).toMatchObject({ n: 1, passed: 0 });
    expect((await stores.registry.observe({ ...first, revision: 1, reward: 1 })).outcome).toBe('superseded');
    expect(await historyOf(first)).toMatchObject({ n: 0 });
  });

  promise('loses none of many outcomes at once, and holds what their rebuild holds', async () => {
    const agent = await add();
    const outcomes = Array.from({ length: 60 }, (_, index) =>
      outcomeOf(agent, {
        reward: index / 60,
        passed: index % 3 > 0,
        cost_micro_usd: index,
        complexity: index % 2 > 0 ? 'trivial' : 'complex',
      }),
    );
    const revisions = outcomes
      .slice(0, 20)
      .map((one) => ({ ...one, revision: 1, reward: 0.5, complexity: 'standard' }));
    await Promise.all([...outcomes, ...revisions, ...outcomes].map((one) => stores.registry.observe(one)));
    const rebuilt = rebuildHistories((await allOutcomes()).filter((one) => one.agent === agent.name));
    expect([...rebuilt.values()].reduce((sum, { n }) => sum + n, 0)).toBe(60);
    for (const complexity of ['trivial', 'complex', 'standard']) {
      const place = outcomeOf(agent, { complexity });
      expect(await historyOf(place)).toEqual(rebuilt.get(historyKey(place)));
    }
  });

  promise(
    'swaps a version: the new one starts from the old one’s figures, discounted, and the old one comes back with its own',
    async () => {
      const agent = await add();
      for (const passed of [true, true, true, false]) await stores.registry.observe(outcomeOf(agent, { passed }));
      const next: AgentProfile = { ...agent, version: '2', model: 'newer' };
      const record = await stores.registry.swapVersion(next, 0.5, 42);
      expect(record).toMatchObject({ version: '2', parent: '1', discount: 0.5, made_ms: 42, profile: next });
      expect(record?.inherited['code-editing/standard']).toMatchObject({
        evidence: 2,
        success: 0.75,
        cost_micro_usd: 1000,
      });
      expect((await stores.agents.list()).find(({ name }) => name === agent.name)).toEqual(next);
      await stores.registry.observe(outcomeOf(next));
      const third = await stores.registry.swapVersion({ ...next, version: '3' }, 1, 43);
      expect(third?.inherited['code-editing/standard']).toMatchObject({ evidence: 3 });
      expect(await stores.registry.swapVersion(agent, 0.5, 44)).toMatchObject({
        version: '1',
        parent: null,
        inherited: {},
      });
      expect(await historyOf(outcomeOf(agent))).toMatchObject({ n: 4, passed: 3 });
      expect(await stores.registry.swapVersion(agentOf({ name: 'nobody' }), 0.5, 1)).toBeNull();
    },
  );

  promise(
    'has a version stand beside the one in use, and swaps or retires it only from where it is said to be',
    async () => {
      const agent = await add();
      for (const passed of [true, true, true, false]) await stores.registry.observe(outcomeOf(agent, { passed }));
      const { name } = agent;
      const next: AgentProfile = { ...agent, version: '2', model: 'newer' };
      expect(await stores.agents.find(`${name}@2`)).toBeNull();
      const record = await stores.registry.standBeside(next, 0.5, 42);
      expect(record).toMatchObject({ version: '2', parent: '1', stands: true, profile: next });
      expect(record?.inherited['code-editing/standard']).toMatchObject({ evidence: 2, success: 0.75 });
      // Said again, with another profile: it keeps what it began with.
      expect(await stores.registry.standBeside({ ...next, model: 'newest' }, 1, 43)).toMatchObject({
        made_ms: 42,
        inherited: record?.inherited,
        profile: { model: 'newest' },
      });
      expect(await stores.registry.standBeside(agent, 0.5, 44)).toBeNull();
      expect(await stores.registry.standBeside(agentOf({ name: 'nobody' }), 0.5, 1)).toBeNull();
      expect((await stores.agents.list()).filter((one) => one.name.startsWith(name))).toEqual([agent]);
      expect(await stores.agents.find(name)).toEqual(agent);
      expect(await stores.agents.find(`${name}@1`)).toEqual({ ...agent, name: `${name}@1` });
      await stores.registry.changeProfile(name, (before) => ({ ...before, status: 'draining' }));
      expect(await stores.agents.find(`${name}@2`)).toMatchObject({
        name: `${name}@2`,
        model: 'newest',
        status: 'draining',
      });
      expect((await stores.registry.read(null)).health.get(`${name}@2`)?.heard_ms).toBe(43);

      expect(await stores.registry.swapVersion(next, 0.5, 45, '7')).toBeNull();
      expect((await stores.agents.find(name))?.version).toBe('1');
      const swapped = await stores.registry.swapVersion(next, 0.5, 45, '1');
      expect(swapped).toMatchObject({ version: '2', parent: '1', inherited: record?.inherited });
      expect(swapped).not.toHaveProperty('stands');
      expect(await stores.registry.swapVersion(next, 0.5, 46, '1')).toBeNull();
      expect(await stores.registry.retireVersion(name, '2')).toBeNull();
      expect(await stores.registry.retireVersion(name, '9')).toBeNull();

      await stores.registry.standBeside({ ...agent, version: '3' }, 0.5, 47);
      const retired = await stores.registry.retireVersion(name, '3');
      expect(retired).toMatchObject({ version: '3', profile: { status: 'retired' } });
      expect(retired).not.toHaveProperty('stands');
      expect(await stores.agents.find(`${name}@3`)).toBeNull();
      expect((await stores.agents.find(name))?.version).toBe('2');
    },
  );

  promise('changes health and breakers one after the other', async () => {
    const agent = await add();
    const silent = await stores.registry.changeHealth(agent.name, () => ({ heard_ms: 5, probation: 0 }));
    expect(silent.heard_ms).toBe(5);
    expect((await stores.registry.changeHealth(agent.name, (health) => hear(health, Date.now()))).probation).toBe(3);
    await Promise.all(
      [1, 2].map(() =>
        stores.registry.changeHealth(agent.name, (health) => judgeConduct(health, 'worked', Date.now())),
      ),
    );
    expect((await stores.registry.read(null)).health.get(agent.name)?.probation).toBe(1);
    const fault = { errorClass: 'network', atMs: 1000, retryAfterMs: null, draw: 0 } as const;
    const key = `agent:${agent.name}`;
    await Promise.all(
      Array.from({ length: 20 }, () => stores.registry.changeBreaker(key, (before) => tripBreaker(before, fault))),
    );
    const tripped = (await stores.registry.read(null)).breakers.get(key);
    expect(tripped?.faults).toEqual({ network: 20 });
    const due = tripped?.open_until_ms ?? NaN;
    const won = await Promise.all(
      Array.from({ length: 8 }, async () => {
        let isMine = false;
        await stores.registry.changeBreaker(key, (before) => {
          isMine = admit(before, due).state === 'trial';
          return takeTrial(before, due);
        });
        return isMine;
      }),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  promise('puts exported versions back, and never over one that is there', async () => {
    const agent = agentOf();
    const record = {
      version: '7',
      parent: '6',
      discount: 0.5,
      made_ms: 1,
      profile: { ...agent, version: '7' },
      inherited: {},
    };
    expect(await stores.registry.putVersion(agent.name, record)).toBe(true);
    expect(await stores.registry.putVersion(agent.name, { ...record, parent: null })).toBe(false);
    const { versions } = await stores.registry.read(null);
    expect(versions.find((one) => one.agent === agent.name)?.record.parent).toBe('6');
    expect(await stores.registry.mend()).toEqual([]);
  });

  promise('tells watchers of any change, until their signal fires', async () => {
    const stop = new AbortController();
    let heard = 0;
    const watching = stores.registry.watch(() => void (heard += 1), stop.signal);
    await sleep(50);
    heard = 0;
    const agent = await add();
    await expect.poll(() => heard, { timeout: 1000, interval: 10 }).toBeGreaterThan(0);
    stop.abort();
    await watching;
    heard = 0;
    await stores.registry.observe(outcomeOf(agent));
    await sleep(60);
    expect(heard).toBe(0);
  });
});
