import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { Client } from 'pg';
import type { Word } from './crew.js';
import type { Home } from './home.js';
import { openSql, ownerAddress } from './sql.js';

const queueName = 'bench';
const workflowName = 'four-steps';
const steps = ['one', 'two', 'three', 'four'];
const silent = { info: () => undefined, debug: () => undefined, warn: () => undefined, error: () => undefined };
type Logger = NonNullable<Parameters<typeof DBOS.setConfig>[0]['logger']>;
const logger = silent as unknown as Logger;

/** Makes a database for the SDK alone on the server of a home, and answers its address. */
export async function makePlainDatabase(home: Pick<Home, 'stateHome'>): Promise<string> {
  const sql = await openSql(home, 'postgres');
  try {
    await sql.query('create database plain');
  } finally {
    await sql.end();
  }
  return ownerAddress(home, 'plain');
}

/** Asks for more workflows of four steps, by the SDK's own client; `before` is how many were asked for. */
export async function enqueuePlain(url: string, before: number, count: number): Promise<void> {
  await DBOS.migrate(url);
  const client = await DBOSClient.create({ systemDatabaseUrl: url, logger });
  try {
    let asked = 0;
    const ask = async (): Promise<void> => {
      while (asked < count) {
        const workflowID = `plain-${before + (asked += 1)}`;
        await client.enqueue({ workflowName, queueName, workflowID, appVersion: 'bench' }, { task: workflowID });
      }
    };
    await Promise.all(Array.from({ length: 16 }, ask));
  } finally {
    await client.destroy();
  }
}

/** Waits until all have ended; answers when the last one did, in milliseconds since the epoch. */
export async function waitForPlain(url: string, count: number, limitMs: number): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const until = Date.now() + limitMs; Date.now() < until;) {
      const { rows } = await client.query<{ done: string; last: string }>(
        `select count(*) as done, max(updated_at) as last from dbos.workflow_status where status = 'SUCCESS'`,
      );
      if (Number(rows[0]?.done) >= count) return Number(rows[0]?.last);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`not all of ${count} workflows ended within ${limitMs} ms`);
  } finally {
    await client.end();
  }
}

/** A process that runs those workflows as the SDK's manual has it, with no limit of its own on the queue. */
export async function servePlainDbos(talk: {
  readonly tell: (word: Word) => void;
  readonly going: Promise<void>;
  readonly stopped: Promise<void>;
}): Promise<void> {
  const url = process.env['BENCH_DATABASE'] ?? '';
  DBOS.registerWorkflow(
    async (input: unknown) => {
      for (const name of steps) await DBOS.runStep(async () => ({ name, input }), { name });
    },
    { name: workflowName },
  );
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: url,
    systemDatabasePoolSize: 10,
    applicationVersion: 'bench',
    executorID: String(process.pid),
    runAdminServer: false,
    logger,
  });
  talk.tell({ say: 'ready' });
  await talk.going;
  const client = await DBOSClient.create({ systemDatabaseUrl: url, logger });
  await client.registerQueue(queueName, { onConflict: 'always_update' });
  await client.destroy();
  await DBOS.launch();
  talk.tell({ say: 'serving' });
  await talk.stopped;
  await DBOS.shutdown();
}
