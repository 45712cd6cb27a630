import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** A scratch database on the PostgreSQL of this machine: the server itself is not ours to kill or to stop. */
export interface ExternalDatabase {
  readonly url: string;
  /** As a server that has gone down: every session is cut, and no new one is let in for a while. */
  shut(forMs: number): Promise<void>;
  /** As a server that is stopped: no statement on the tables of tasks and legs gets on for a while. */
  hold(forMs: number): Promise<void>;
  drop(): Promise<void>;
}

const server = 'postgresql://postgres@127.0.0.1:5432';

/** Makes the database; null where no PostgreSQL answers on 127.0.0.1:5432. */
export async function createExternalDatabase(): Promise<ExternalDatabase | null> {
  const name = `arbiter_crash_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const url = `${server}/${name}`;
  try {
    await ask(`${server}/postgres`, `create database ${name}`);
  } catch {
    return null;
  }
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`;
  return {
    url,
    async shut(forMs) {
      await ask(`${server}/postgres`, `alter database ${name} allow_connections false`);
      try {
        const end = Date.now() + forMs;
        do {
          await ask(`${server}/postgres`, cut);
          await sleep(50);
        } while (Date.now() < end);
      } finally {
        await ask(`${server}/postgres`, `alter database ${name} allow_connections true`);
      }
    },
    async hold(forMs) {
      await ask(
        url,
        `begin; lock table arbiter.tasks, dbos.workflow_status in access exclusive mode;
         select pg_sleep(${forMs / 1000}); commit`,
      );
    },
    async drop() {
      await ask(`${server}/postgres`, `drop database if exists ${name} with (force)`);
    },
  };
}

async function ask(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(text);
  } finally {
    await client.end().catch(() => undefined);
  }
}
