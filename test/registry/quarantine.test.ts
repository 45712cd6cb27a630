import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import type { OpenDatabase } from '../../src/adapters/postgres/open-database.js';
import { openRegistry } from '../../src/app/registry/open-registry.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { findAgent } from '../../src/core/registry/snapshot.js';
import { type TestCluster, type TestDatabase, startTestCluster } from '../store/cluster.js';
import { openTestStores } from '../store/stores.js';
import { outcomeOf } from './outcomes.js';

const good = agentProfileSchema.parse({ name: 'good', kind: 'replay' });
const bad = agentProfileSchema.parse({ name: 'bad', kind: 'replay' });

describe('rows that cannot be read', () => {
  let cluster: TestCluster;
  let urls: TestDatabase;
  let database: OpenDatabase;
  beforeAll(async () => {
    cluster = await startTestCluster();
  }, 60_000);
  beforeEach(async () => {
    await database?.close();
    urls = await cluster.createDatabase();
    database = await openTestStores(urls);
    for (const agent of [good, bad]) await database.agents.put(agent);
    for (let index = 0; index < 12; index += 1) await database.registry.observe(outcomeOf('bad', index));
  });
  afterAll(async () => {
    await database.close();
    await cluster.stop();
  });
  /** As a person with the owner's rights, or a broken disk, would. */
  const damage = async (statement: string): Promise<void> => {
    const client = new Client({ connectionString: urls.ownerUrl });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const historyOfBad = async () => (await database.registry.read(null)).histories.at(0)?.history;

  it.each([
    ['agents', `update arbiter.agents set profile = '{"name":"bad"}' where name = 'bad'`, 'bad', 'kind'],
    ['agents', `update arbiter.agents set profile = '[1]' where name = 'bad'`, 'bad', 'it'],
    [
      'agents',
      `update arbiter.agents set profile = (select profile from arbiter.agents where name = 'good') where name = 'bad'`,
      'bad',
      'profile of good',
    ],
    ['agent_versions', `update arbiter.agent_versions set record = '7' where agent = 'bad'`, 'bad@1', 'it'],
    ['agent_health', `update arbiter.agent_health set probation = 1000 where agent = 'bad'`, 'bad', 'probation'],
    [
      'agent_history',
      `update arbiter.agent_history set state = replace(state, '"n":12', '"n":13')`,
      'bad@1/code-editing/standard',
      'bytes',
    ],
    ['agent_history', `update arbiter.agent_history set state = ''`, 'bad@1/code-editing/standard', 'bytes'],
    ['breakers', `insert into arbiter.breakers (key, state) values ('agent:bad', '{}')`, 'agent:bad', ''],
  ])('of %s are set aside, told, and stop nobody: %s', async (table, statement, key, problem) => {
    await damage(statement);
    const registry = await openRegistry(database, systemClock);
    const [row, ...others] = registry.quarantined();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ table, key });
    expect(row?.problem).toContain(problem);
    expect(row?.mend).not.toBe('');
    expect(findAgent(registry.snapshot(), 'good')?.status).toBe('available');
    expect((await database.agents.list()).map(({ name }) => name)).toContain('good');
  });

  it('of a history are rebuilt from the outcomes, to the byte, by the next outcome or when asked', async () => {
    const before = await historyOfBad();
    expect(before?.n).toBe(12);
    await damage(`update arbiter.agent_history set state = '{"n":99}'`);
    expect(await historyOfBad()).toBeUndefined();
    expect(await database.registry.mend()).toEqual(['bad@1/code-editing/standard']);
    expect(await historyOfBad()).toEqual(before);
    expect(await database.registry.mend()).toEqual([]);
    await damage(`update arbiter.agent_history set digest = repeat('0', 64)`);
    expect(await database.registry.observe(outcomeOf('bad', 12))).toMatchObject({ outcome: 'new', mended: true });
    expect((await historyOfBad())?.n).toBe(13);
  });

  it('are noticed while the registry is followed, and mended by adding the agent again', async () => {
    const registry = await openRegistry(database, systemClock);
    expect(findAgent(registry.snapshot(), 'bad')?.status).toBe('available');
    await damage(`update arbiter.agents set profile = '{}' where name = 'bad'`);
    await registry.refresh();
    expect(findAgent(registry.snapshot(), 'bad')).toBeUndefined();
    expect(registry.quarantined()).toHaveLength(1);
    await expect(registry.update('bad', (one) => one)).rejects.toMatchObject({ code: 'AGENT_UNREADABLE' });
    await database.agents.put(bad);
    await registry.refresh();
    expect(findAgent(registry.snapshot(), 'bad')?.performance.get('code-editing/standard')?.n).toBe(12);
    expect(registry.quarantined()).toEqual([]);
  });

  it('cannot be made of the outcomes: those are never changed', async () => {
    await expect(damage('update arbiter.agent_observations set revision = 5')).rejects.toThrow('never changed');
    await expect(damage('delete from arbiter.agent_observations')).rejects.toThrow('never changed');
  });
});
