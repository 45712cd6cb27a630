import { Kysely, type Migration, Migrator, PostgresDialect } from 'kysely';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStores } from '../../src/adapters/memory/memory-stores.js';
import { grantEngineSchema } from '../../src/adapters/postgres/index.js';
import { tasksMigration } from '../../src/adapters/postgres/schema/m0001-tasks.js';
import { ledgerMigration } from '../../src/adapters/postgres/schema/m0002-ledger.js';
import { waiversMigration } from '../../src/adapters/postgres/schema/m0003-waivers.js';
import { erasureMigration } from '../../src/adapters/postgres/schema/m0004-erasure.js';
import { rolloutsMigration } from '../../src/adapters/postgres/schema/m0005-rollouts.js';
import { registryMigration } from '../../src/adapters/postgres/schema/m0006-registry.js';
import { pointsMigration } from '../../src/adapters/postgres/schema/m0007-points.js';
import { routingMigration } from '../../src/adapters/postgres/schema/m0008-routing.js';
import { knownMigrations, migrateSchema } from '../../src/adapters/postgres/schema/migrate.js';
import { commitContent } from '../../src/core/records/commitment.js';
import { startTestCluster, type TestCluster, type TestDatabase } from './cluster.js';
import { aTask, openTestStores, submitted } from './stores.js';

/** Makes the schema of an Arbiter that knew only the first of the migrations. */
async function migrateTo(url: string, first: readonly Migration[]): Promise<void> {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: url, max: 1 }) }),
  });
  const named = Object.fromEntries(first.map((one, index) => [knownMigrations()[index] ?? '', one]));
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(named) },
    migrationTableSchema: 'arbiter',
    migrationTableName: 'migrations',
    migrationLockTableName: 'migration_lock',
  }).migrateToLatest();
  await db.destroy();
  if (error !== undefined) throw new Error('the old schema cannot be made', { cause: error });
}

describe('the schema', () => {
  let cluster: TestCluster;
  let urls: TestDatabase;
  beforeAll(async () => {
    cluster = await startTestCluster();
    urls = await cluster.createDatabase();
  });
  afterAll(() => cluster.stop());

  const query = async (url: string, text: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  it('lets nobody change the story of a task, the owner neither', async () => {
    const database = await openTestStores(urls);
    const task = aTask();
    await database.tasks.create(task, submitted, { maxOpen: 10 });
    await database.tasks.putContent(new Uint8Array([1]));
    await database.close();
    for (const url of [urls.ownerUrl, urls.appUrl]) {
      for (const table of ['task_events', 'contents']) {
        await expect(query(url, `delete from arbiter.${table}`)).rejects.toThrow(/never changed|permission denied/);
        await expect(query(url, `truncate arbiter.${table}`)).rejects.toThrow(/never changed|permission denied/);
      }
      await expect(query(url, `update arbiter.task_events set seq = 2`)).rejects.toThrow(
        /never changed|permission denied/,
      );
    }
    expect(await query(urls.ownerUrl, 'select seq from arbiter.task_events')).toEqual([{ seq: 1 }]);
  });

  it('gives contents that were there before a salt of their own, and lets them go only by a recorded erasure', async () => {
    const name = `salted_${process.pid}`;
    await query(urls.ownerUrl, `create database ${name} template template0`);
    const old = new URL(urls.ownerUrl);
    old.pathname = `/${name}`;
    await migrateTo(old.href, [tasksMigration, ledgerMigration, waiversMigration]);
    await query(old.href, `insert into arbiter.contents (sha256, bytes) values ('a', 'one'), ('b', 'two')`);
    expect(await migrateSchema(old.href)).toEqual(knownMigrations().slice(3));
    const rows = await query(old.href, 'select salt, bytes, commitment from arbiter.contents order by sha256');
    const [one, two] = rows.map(({ salt, bytes, commitment }) => {
      expect(commitment).toBe(commitContent(new Uint8Array(salt as Buffer), new Uint8Array(bytes as Buffer)));
      return (salt as Buffer).toString('hex');
    });
    expect(one).not.toBe(two);
    // As docs/ledger.md says that it is checked by hand.
    const byHand = `encode(sha256(convert_to('arbiter/content/v1','UTF8') || '\\x00'::bytea || salt || bytes), 'hex')`;
    expect(await query(old.href, `select commitment = ${byHand} as same from arbiter.contents`)).toEqual([
      { same: true },
      { same: true },
    ]);
    for (const statement of [
      'delete from arbiter.contents',
      `update arbiter.contents set salt = '\\x00'`,
      'truncate arbiter.contents',
      'delete from arbiter.erasures',
      `select arbiter.erase_content((select min(commitment) from arbiter.contents), 1)`,
      `select arbiter.erase_task_log('x')`,
    ]) {
      await expect(query(old.href, statement)).rejects.toThrow(/never changed|the ledger has no entry/);
    }
    for (const statement of [
      'delete from arbiter.contents',
      `insert into arbiter.erasures values ('x', 'y', 1)`,
      `delete from arbiter.task_log`,
    ]) {
      await expect(query(urls.appUrl, statement)).rejects.toThrow(/permission denied/);
    }
  });

  it('sums the outcomes of the router that were there before any sums were kept', async () => {
    const old = await cluster.createDatabase();
    await query(old.ownerUrl, 'drop schema arbiter cascade; create schema arbiter');
    await migrateTo(old.ownerUrl, [
      tasksMigration,
      ledgerMigration,
      waiversMigration,
      erasureMigration,
      rolloutsMigration,
      registryMigration,
      pointsMigration,
      routingMigration,
    ]);
    const kinds = ['trivial', 'complex'];
    for (let index = 0; index < 6; index += 1) {
      const decision = JSON.stringify({ surface: 'code-editing', complexity: kinds[index % 2] });
      await query(
        old.ownerUrl,
        `insert into arbiter.route_decisions values ('d${index}', 't${index}', 1, 'r', 's', 'pi@1', 1, '${decision}');
        insert into arbiter.route_outcomes (decision_id, arm, revision, agent, reward, cost_micro_usd, latency_ms, at_ms) values
          ('d${index}', 'pi@1', 0, 'pi', 0.25, ${index}, 7, 1), ('d${index}', 'pi@1', 1, 'pi', 0.5, ${10 * index}, 9, 1)`,
      );
    }
    await query(
      old.ownerUrl,
      `insert into arbiter.route_outcomes (decision_id, arm, revision, agent, reward, cost_micro_usd, latency_ms, at_ms)
        values ('d0', 'pi@1', 2, 'pi', null, 0, 0, 1)`,
    );
    expect(await migrateSchema(old.ownerUrl)).toEqual(['0009-sessions', '0010-retries', '0011-outcomes']);
    const database = await openTestStores(old);
    const place = { arm: 'pi@1', surface: 'code-editing', repository: 'r' };
    expect((await database.routes.tally(['pi@1'])).toSorted((a, b) => a.count - b.count)).toEqual([
      { ...place, complexity: 'trivial', count: 2, reward: 1, costMicroUsd: 60, latencyMs: 18 },
      { ...place, complexity: 'complex', count: 3, reward: 1.5, costMicroUsd: 90, latencyMs: 27 },
    ]);
    expect(await database.routes.checkSums({ mends: false })).toEqual([]);
    await database.close();
  });

  it('gives the role that Arbiter works as rows, and nothing that an owner or a superuser has', async () => {
    const [role] = await query(
      urls.appUrl,
      `select rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
        (select count(*)::int from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = current_user) as owns
        from pg_roles where rolname = current_user`,
    );
    expect(role).toEqual({
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolreplication: false,
      rolbypassrls: false,
      owns: 0,
    });
    for (const statement of [
      'create table arbiter.mine (a int)',
      'create table public.mine (a int)',
      'drop table arbiter.tasks',
      'delete from arbiter.tasks',
      'alter table arbiter.task_events disable trigger all',
      'select * from pg_authid',
      `update arbiter.migrations set name = 'x'`,
      `copy (select 1) to program 'id'`,
      'create role other',
    ]) {
      const refusal: unknown = await query(urls.appUrl, statement).catch(String);
      expect({ statement, refusal }).toEqual({
        statement,
        refusal: expect.stringMatching(/permission denied|must be owner/),
      });
    }
    const elsewhere = new URL(urls.appUrl);
    elsewhere.pathname = '/postgres';
    await expect(query(elsewhere.href, 'select 1')).rejects.toThrow(/permission denied/);
  });

  it('is made once, also by many at once, and again and again changes nothing', async () => {
    const name = `fresh_${process.pid}`;
    await query(urls.ownerUrl, `create database ${name} template template0`);
    const fresh = new URL(urls.ownerUrl);
    fresh.pathname = `/${name}`;
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrateSchema(fresh.href)));
    expect(applied.flat()).toEqual(knownMigrations());
    expect(await migrateSchema(fresh.href)).toEqual([]);
  });

  it('of a newer Arbiter is refused, and left as it is', async () => {
    const newer = await cluster.createDatabase();
    await query(newer.ownerUrl, `insert into arbiter.migrations (name, timestamp) values ('9999-later', now()::text)`);
    await query(newer.ownerUrl, `drop table arbiter.executors`);
    await expect(migrateSchema(newer.ownerUrl)).rejects.toMatchObject({ code: 'STORE_NEWER' });
    expect(await query(newer.ownerUrl, `select to_regclass('arbiter.executors') as there`)).toEqual([{ there: null }]);
  });

  it('grants the engine’s tables to the role, those that come later too', async () => {
    const { ownerUrl, appUrl } = await cluster.createDatabase();
    await query(ownerUrl, `create schema dbos; create table dbos.workflow_status (a serial)`);
    await expect(query(appUrl, 'select * from dbos.workflow_status')).rejects.toThrow(/permission denied/);
    await grantEngineSchema(ownerUrl);
    await query(ownerUrl, 'create table dbos.later (a serial)');
    for (const table of ['workflow_status', 'later']) {
      await query(appUrl, `insert into dbos.${table} default values`);
      await query(appUrl, `delete from dbos.${table}`);
      await expect(query(appUrl, `drop table dbos.${table}`)).rejects.toThrow(/must be owner/);
    }
  });

  it('tells other processes of a change within a moment', async () => {
    const shared = await cluster.createDatabase();
    const [one, two] = await Promise.all([openTestStores(shared), openTestStores(shared)]);
    const task = aTask();
    await one.tasks.create(task, submitted, { maxOpen: 10 });
    const stop = new AbortController();
    const heard: number[] = [];
    const watch = two.tasks.watch(task.id, () => heard.push(performance.now()), stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 100));
    heard.length = 0;
    const start = performance.now();
    await one.tasks.append(task.id, 1, [{ type: 'deliberation-started', at_ms: 1 }], task, 'one');
    while (heard.length === 0 && performance.now() - start < 1500) await new Promise((r) => setTimeout(r, 5));
    expect((heard[0] ?? Infinity) - start).toBeLessThan(1000);
    stop.abort();
    await watch;
    await Promise.all([one.close(), two.close()]);
  });

  it('answers again after every session was cut, and loses no event', async () => {
    const shared = await cluster.createDatabase();
    const database = await openTestStores(shared);
    const task = aTask();
    await database.tasks.create(task, submitted, { maxOpen: 10 });
    let cut = true;
    const cutting = (async () => {
      while (cut) {
        await query(
          shared.ownerUrl,
          `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'arbiter_app' and datname = current_database()`,
        );
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    })();
    for (let seq = 1; seq <= 400; seq += 1) {
      await database.tasks.append(task.id, seq, [{ type: 'deliberation-started', at_ms: seq }], task, 'me');
    }
    cut = false;
    await cutting;
    const events = await database.tasks.readEvents(task.id);
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 401 }, (_, index) => index + 1));
    expect(events.slice(1).map((event) => event.atMs)).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
    await database.close();
  });

  it('is not needed in memory', async () => {
    const { tasks } = createMemoryStores();
    const task = aTask();
    await tasks.create(task, submitted, { maxOpen: 1 });
    expect((await tasks.read(task.id)).task).toEqual(task);
  });
});
