import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenDatabase } from '../../src/adapters/postgres/index.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { findLocalCluster, noLocalServer, startTestCluster, type TestCluster } from './cluster.js';
import { aTask, openTestStores, submitted } from './stores.js';

const local = await findLocalCluster();
if (local === null) console.warn(noLocalServer);

/** Tables as an engine might have them: a reference, an array, times, rows that are there from the start. */
const engineTables = `create schema dbos;
  create table dbos.dbos_migrations (version bigint primary key);
  insert into dbos.dbos_migrations values (7);
  create table dbos.workflow_status (workflow_uuid text primary key, inputs text, at timestamptz, roles text[], n numeric);
  create table dbos.operation_outputs (workflow_uuid text references dbos.workflow_status, id int, output text,
    primary key (workflow_uuid, id));
  create table dbos.queues (name text primary key)`;

async function execute(url: string, text: string, values: readonly unknown[] = []): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

async function fill(database: OpenDatabase): Promise<void> {
  for (let count = 0; count < 30; count += 1) {
    const task = aTask({ words: `task ${count} \0 \ud800 "\\` });
    await database.tasks.create(task, submitted, { maxOpen: 1000 });
    await database.tasks.append(
      task.id,
      1,
      [
        { type: 'deliberation-started', at_ms: 1 },
        { type: 'task-cancelled', at_ms: 2, by: 'me \0\u2028' },
      ],
      { ...task, state: 'cancelled' },
      'me',
    );
    database.tasks.log(task.id, 'message', `line\n"of" ${count} \\N`);
    await database.tasks.putContent(randomBytes(count * 1000));
  }
  await database.tasks.putContent(randomBytes(3_000_000));
  await database.tasks.flush();
  for (const name of ['second', 'first']) {
    await database.agents.put(agentProfileSchema.parse({ name, kind: 'model' }));
  }
  await database.leases.take('clone', '/tmp/not/elsewhere');
}

/** Everything of a store, as text. */
async function picture(url: string): Promise<unknown> {
  const tables = [
    'arbiter.tasks order by id',
    'arbiter.task_events order by task_id, seq',
    'arbiter.task_log order by id',
    'arbiter.contents order by sha256',
    '(select place, name, profile from arbiter.agents) order by place',
    '(select agent, version, record from arbiter.agent_versions) order by agent',
    '(select agent, heard_ms, probation from arbiter.agent_health) order by agent',
    'dbos.workflow_status order by workflow_uuid',
    'dbos.operation_outputs order by workflow_uuid, id',
  ];
  const all: unknown[] = [];
  for (const table of tables)
    all.push(await execute(url, `select t::text from ${table.replace(' order', ' t order')}`));
  return all;
}

const kinds = [
  { name: 'embedded PostgreSQL', skip: false, other: false },
  { name: 'PostgreSQL on 127.0.0.1:5432', skip: local === null, other: true },
];

describe('a backup', () => {
  let cluster: TestCluster;
  let folder: string;
  let file: string;
  let source: OpenDatabase;
  beforeAll(async () => {
    cluster = await startTestCluster();
    folder = await mkdtemp(join(tmpdir(), 'arbiter-backup-'));
    file = join(folder, 'store.backup');
    const urls = await cluster.createDatabase();
    await execute(urls.ownerUrl, engineTables);
    await execute(urls.ownerUrl, `insert into dbos.queues values ('tasks'), ('work')`);
    await execute(
      urls.ownerUrl,
      `insert into dbos.workflow_status select 'w' || g, $1, now(), array['a,b', '"c"', null], 1.10 from generate_series(1, 1200) g`,
      ['{"in":"put\\u0000"}'],
    );
    await execute(
      urls.ownerUrl,
      `insert into dbos.operation_outputs select 'w' || g, g, null from generate_series(1, 700) g`,
    );
    source = await openTestStores(urls);
    await fill(source);
  });
  afterAll(async () => {
    await source.close();
    await cluster.stop();
    await local?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const openTarget = async (on: TestCluster = cluster) => {
    const urls = await on.createDatabase();
    return openTestStores(urls, {
      prepareEngine: (url) =>
        execute(
          url,
          engineTables
            .replaceAll(/create (schema|table)/g, 'create $1 if not exists')
            .replace('values (7)', 'values (7) on conflict do nothing'),
        ).then(() => undefined),
    });
  };

  it('is one private file that appears whole', async () => {
    const made = await source.care.backup(file);
    expect(made.rows).toMatchObject({
      tasks: 30,
      task_events: 90,
      task_log: 30,
      agents: 2,
      'dbos.workflow_status': 1200,
    });
    expect(made.rows).not.toHaveProperty('leases');
    const facts = await stat(file);
    expect(facts.size).toBe(made.bytes);
    expect(facts.mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['store.backup']);
  });

  it.each(kinds)('restored into $name gives the same rows, and numbers go on after them', async ({ skip, other }) => {
    if (skip) return;
    const target = await openTarget(other && local !== null ? local : cluster);
    const made = await source.care.backup(file);
    expect((await target.care.restore(file)).rows).toEqual(made.rows);
    expect(await picture(target.ownerUrl)).toEqual(await picture(source.ownerUrl));
    const [one] = await target.tasks.list();
    if (one === undefined) throw new Error('no task was restored');
    expect(await target.tasks.readEvents(one.id)).toEqual(await source.tasks.readEvents(one.id));
    target.tasks.log(one.id, 'note', 'after');
    await target.tasks.flush();
    expect((await target.tasks.readLog(one.id)).map((line) => line.text).at(-1)).toBe('after');
    await target.agents.put(agentProfileSchema.parse({ name: 'third', kind: 'model' }));
    expect((await target.agents.list()).map((agent) => agent.name)).toEqual(['second', 'first', 'third']);
    expect((await target.care.status()).rows).toMatchObject({ tasks: 30, contents: 31, 'dbos.queues': 2 });
    await expect(target.care.restore(file)).rejects.toMatchObject({ code: 'RESTORE_NOT_EMPTY' });
    await target.close();
  });

  it('that is damaged, cut off, changed or none is refused before anything is written', async () => {
    await source.care.backup(file);
    const whole = await readFile(file);
    const text = gunzipSync(whole).toString('utf8');
    const target = await openTarget();
    const damaged = join(folder, 'damaged');
    const cases: readonly (readonly [string, Buffer])[] = [
      ['one byte is another', Buffer.from(whole.map((byte, index) => (index === whole.length >> 1 ? byte ^ 1 : byte)))],
      ['the end is missing', gzipSync(text.slice(0, text.lastIndexOf('{"end"')))],
      ['a row is another', gzipSync(text.replace('line\\\\n', 'LINE\\\\n').replace('"of', '"oF'))],
      ['a row is missing', gzipSync(text.replace(/\n\[[^\n]*\n/, '\n'))],
      [
        'a table is missing',
        gzipSync(text.replace(/\n\{"schema":"arbiter","table":"agents"[\s\S]*?\n\{"rows"[^\n]*/, '')),
      ],
      ['something follows', gzipSync(`${text}[]\n`)],
      ['it is of another format', gzipSync(text.replace('"arbiter_backup":1', '"arbiter_backup":2'))],
      ['it is of a newer schema', gzipSync(text.replace(/"schema":"\d{4}-[a-z]+"/, '"schema":"9999-later"'))],
      ['it is text', Buffer.from('hello\n')],
      ['it is empty', Buffer.alloc(0)],
    ];
    for (const [what, bytes] of cases) {
      await writeFile(damaged, bytes);
      const fault: unknown = await target.care.restore(damaged).catch((error: unknown) => error);
      expect({ what, fault }).toMatchObject({ what, fault: { code: 'BACKUP_INVALID' } });
    }
    await writeFile(damaged, whole);
    await truncate(damaged, whole.length - 20);
    await expect(target.care.restore(damaged)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
    await expect(target.care.restore(join(folder, 'none'))).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
    const { rows } = await target.care.status();
    expect(rows).toMatchObject({ tasks: 0, task_events: 0, contents: 0, agents: 0 });
    await target.close();
  });

  it('says when the engine’s tables cannot be made', async () => {
    await source.care.backup(file);
    const target = await openTestStores(await cluster.createDatabase());
    await expect(target.care.restore(file)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
    expect((await target.care.status()).rows).toMatchObject({ tasks: 0 });
    await target.close();
  });

  it('that cannot be written is a fault, and leaves nothing behind', async () => {
    await expect(source.care.backup(join(folder, 'no', 'such', 'folder'))).rejects.toMatchObject({
      code: 'WRITE_FAILED',
    });
    await expect(source.care.backup(folder)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
