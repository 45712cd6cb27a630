import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { grantEngineSchema } from '../../src/adapters/postgres/index.js';
import { startTestCluster, type TestCluster } from './cluster.js';
import { openTestStores } from './stores.js';

const prepareEngine = async (ownerUrl: string): Promise<void> => {
  await DBOS.migrate(ownerUrl);
  await grantEngineSchema(ownerUrl);
};

let cluster: TestCluster;
let folder: string;
beforeAll(async () => {
  cluster = await startTestCluster();
  folder = await mkdtemp(join(tmpdir(), 'arbiter-engine-backup-'));
});
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

it('a workflow that waits in a queue waits on in the store that a backup was restored into', async () => {
  const [here, there] = await Promise.all([cluster.createDatabase(), cluster.createDatabase()]);
  await prepareEngine(here.ownerUrl);
  const client = await DBOSClient.create({ systemDatabaseUrl: here.appUrl });
  for (const id of ['one', 'two']) {
    await client.enqueue({ workflowName: 'drive', queueName: 'tasks', workflowID: id }, { task: `${id} "\u2028` });
  }
  await client.destroy();
  const file = join(folder, 'store.backup');
  const source = await openTestStores(here);
  const made = await source.care.backup(file);
  await source.close();
  expect(made.rows).toMatchObject({ 'dbos.workflow_status': 2 });
  const target = await openTestStores(there, { prepareEngine });
  expect((await target.care.restore(file)).rows).toEqual(made.rows);
  await target.close();
  const after = await DBOSClient.create({ systemDatabaseUrl: there.appUrl });
  const found = await after.listWorkflows({ loadInput: true });
  expect(found.map(({ workflowID, status, queueName, input }) => ({ workflowID, status, queueName, input }))).toEqual(
    ['one', 'two'].map((id) => ({
      workflowID: id,
      status: 'ENQUEUED',
      queueName: 'tasks',
      input: [{ task: `${id} "\u2028` }],
    })),
  );
  await after.enqueue({ workflowName: 'drive', queueName: 'tasks', workflowID: 'three' }, {});
  await after.destroy();
});
