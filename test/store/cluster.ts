import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { ensureServer, stopServer } from '../../src/adapters/postgres/launcher/ensure-server.js';
import { appUrl, ownerUrl } from '../../src/adapters/postgres/launcher/probe-server.js';
import { prepareDatabase } from '../../src/adapters/postgres/prepare-database.js';
import { migrateSchema } from '../../src/adapters/postgres/schema/migrate.js';

export interface TestDatabase {
  /** For migrations. */
  readonly ownerUrl: string;
  /** For work: neither owner nor superuser on the embedded server. */
  readonly appUrl: string;
}

/** A server for tests: databases are made and thrown away in milliseconds. */
export interface TestCluster {
  readonly name: string;
  /** A new migrated database of its own. */
  createDatabase(): Promise<TestDatabase>;
  stop(): Promise<void>;
}

/** The embedded PostgreSQL without fsync, in a home of its own; `prepare` may add to the template (the engine's tables). */
export async function startTestCluster(prepare?: (template: TestDatabase) => Promise<void>): Promise<TestCluster> {
  const stateHome = await mkdtemp(join(tmpdir(), 'arbiter-cluster-'));
  const server = await ensureServer({ stateHome, durable: false }, async (running) => {
    await prepareDatabase(running);
    return running;
  });
  const urls = (database: string): TestDatabase => ({
    ownerUrl: ownerUrl(server.folders, server.secrets, database),
    appUrl: appUrl(server.folders, server.secrets, database),
  });
  await prepare?.(urls('arbiter'));
  return {
    name: 'embedded PostgreSQL 18',
    async createDatabase() {
      const name = `t_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
      await execute(urls('postgres').ownerUrl, `create database ${name} template arbiter`);
      return urls(name);
    },
    async stop() {
      await stopServer(stateHome);
      await rm(stateHome, { recursive: true, force: true });
    },
  };
}

const localServer = 'postgresql://postgres@127.0.0.1:5432';

/** The PostgreSQL of this machine, in scratch databases that are dropped; null where none answers. */
export async function findLocalCluster(): Promise<TestCluster | null> {
  try {
    await execute(`${localServer}/postgres`, 'select 1');
  } catch {
    return null;
  }
  const made: string[] = [];
  return {
    name: 'PostgreSQL on 127.0.0.1:5432',
    async createDatabase() {
      const name = `arbiter_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
      await execute(`${localServer}/postgres`, `create database ${name}`);
      made.push(name);
      const url = `${localServer}/${name}`;
      await migrateSchema(url);
      return { ownerUrl: url, appUrl: url };
    },
    async stop() {
      for (const name of made) await execute(`${localServer}/postgres`, `drop database if exists ${name} with (force)`);
    },
  };
}

/** Why tests of a local server are skipped. */
export const noLocalServer = 'skipped: no PostgreSQL on 127.0.0.1:5432';

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 3000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => undefined);
  }
}
