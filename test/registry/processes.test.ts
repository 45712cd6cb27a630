import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import type { OpenDatabase } from '../../src/adapters/postgres/open-database.js';
import { type Registry, openRegistry } from '../../src/app/registry/open-registry.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { type Observation, historyKey, rebuildHistories } from '../../src/core/registry/history.js';
import { type TestCluster, type TestDatabase, startTestCluster } from '../store/cluster.js';
import { openTestStores } from '../store/stores.js';
import { outcomeOf } from './outcomes.js';
import type { Said } from './registry-process.js';

const script = join(import.meta.dirname, 'registry-process.ts');
const agent = agentProfileSchema.parse({ name: 'shared', kind: 'replay' });

describe('processes that share a registry', { timeout: 120_000 }, () => {
  let cluster: TestCluster;
  let urls: TestDatabase;
  let database: OpenDatabase;
  let registry: Registry;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    cluster = await startTestCluster();
    urls = await cluster.createDatabase();
    database = await openTestStores(urls);
    registry = await openRegistry(database, systemClock);
    await registry.register(agent);
  }, 60_000);
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    await database.close();
    await cluster.stop();
  });
  const start = (...job: string[]) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, urls.ownerUrl, urls.appUrl, ...job], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      child,
      async next(): Promise<Said> {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`the process ended with ${child.exitCode}`);
        return JSON.parse(value) as Said;
      },
    };
  };

  it('lose no update of eight on one arm, and their state is what the outcomes give again', async () => {
    const crew = Array.from({ length: 8 }, (_, index) => start('observe', agent.name, String(index * 40), '50'));
    for (const one of crew) expect(await one.next()).toEqual({ ready: true });
    for (const { child } of crew) child.stdin?.write('go\n');
    for (const one of crew) expect(await one.next()).toEqual({ done: true });
    // Each shares ten outcomes with the next: 8 × 40 + 10 in all, however often they were told.
    const all: Observation[] = [];
    for await (const some of database.registry.observations()) all.push(...some);
    expect(all).toHaveLength(330);
    const { histories } = await database.registry.read(null);
    expect(histories).toHaveLength(1);
    expect(histories[0]?.history.n).toBe(330);
    expect(histories[0]?.history).toEqual(rebuildHistories(all).get(historyKey(outcomeOf(agent.name, 0))));
    await Promise.all(crew.filter(({ child }) => child.exitCode === null).map(({ child }) => once(child, 'exit')));
  });

  it('see each other’s changes within a second', async () => {
    const follower = start('follow', agent.name);
    await follower.next();
    const seen = async (change: () => Promise<unknown>, wanted: (saw: NonNullable<Said['saw']>) => boolean) => {
      const from = Date.now();
      await change();
      for (;;) {
        const said = await follower.next();
        if (said.saw !== undefined && wanted(said.saw)) return (said.at ?? Infinity) - from;
      }
    };
    const before = registry.facts().versions.get(agent.name)?.get('1')?.histories.get('code-editing/standard')?.n ?? 0;
    await registry.refresh();
    expect(
      await seen(
        () => registry.recordOutcome(outcomeOf(agent.name, 9999), null),
        ([, , n]) => n > before,
      ),
    ).toBeLessThan(1000);
    expect(
      await seen(
        () => registry.update(agent.name, (one) => ({ ...one, status: 'draining' })),
        ([, is]) => is === 'draining',
      ),
    ).toBeLessThan(1000);
    expect(
      await seen(
        () => registry.swap({ ...agent, version: '2' }, 0.5),
        ([version]) => version === '2',
      ),
    ).toBeLessThan(1000);
    // Without a word (a process that died right after its commit) it is seen at the next look.
    const quiet = async (): Promise<void> => {
      await database.pool.query(`update arbiter.agents set profile = $1`, [
        JSON.stringify({ ...agent, status: 'offline' }),
      ]);
    };
    expect(await seen(quiet, ([, is]) => is === 'offline')).toBeLessThan(1000);
    const gone = async (): Promise<void> => {
      await database.pool.query('delete from arbiter.agents');
    };
    expect(await seen(gone, ([version]) => version === null)).toBeLessThan(1000);
    follower.child.stdin?.end();
    await once(follower.child, 'exit');
  });
});
