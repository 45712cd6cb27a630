import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareEngine } from '../../src/adapters/dbos/prepare-engine.js';
import type { Engine } from '../../src/ports/engine.js';
import { startTestCluster, type TestCluster } from '../store/cluster.js';
import { openDbosEngine } from './engines.js';

/** What DBOS writes when it claims a leg, here without anybody who heard the answer. */
const claim = `update dbos.workflow_status set status = 'PENDING', owner_xid = 'lost', executor_id = $2,
  delay_until_epoch_ms = null where workflow_uuid = $1`;

describe('claims that nobody has heard the answer of', () => {
  let cluster: TestCluster;
  let engine: Engine;
  let pool: Pool;
  const ran: string[] = [];
  beforeAll(async () => {
    cluster = await startTestCluster(({ ownerUrl }) => prepareEngine(ownerUrl));
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    const urls = await cluster.createDatabase();
    ({ engine, pool } = openDbosEngine(urls, { concurrency: 8, maxBacklog: 50 }));
    engine.register('note', async (input) => {
      ran.push(JSON.stringify(input));
      return null;
    });
  });
  afterEach(async () => {
    await engine.stop();
    await pool.end();
  });

  it('are given back by the executor that made them, and their lane goes on', { timeout: 20_000 }, async () => {
    await engine.start();
    await engine.enqueue('note', 'first', { id: 'first', queue: 'work', lane: 'l#0' });
    await engine.result('first', 5000);
    const { rows } = await pool.query<{ me: string }>(
      `select executor_id as me from dbos.workflow_status where workflow_uuid = 'first'`,
    );
    await engine.enqueue('note', 'lost', { id: 'lost', queue: 'work', lane: 'l#0', delayMs: 600_000 });
    await pool.query(claim, ['lost', rows[0]?.me]);
    await engine.enqueue('note', 'behind', { id: 'behind', queue: 'work', lane: 'l#0' });
    expect(await engine.result('lost', 10_000)).toBeNull();
    expect(await engine.result('behind', 10_000)).toBeNull();
    expect((await engine.list({ prefix: '' })).map(({ id, state }) => [id, state])).toEqual([
      ['first', 'succeeded'],
      ['lost', 'succeeded'],
      ['behind', 'succeeded'],
    ]);
    expect(ran).toEqual(['"first"', '"lost"', '"behind"']);
  });

  it('a second claim in a lane is refused by the database', async () => {
    await engine.enqueue('note', 'one', { id: 'one', queue: 'work', lane: 'l#1' });
    await engine.enqueue('note', 'two', { id: 'two', queue: 'work', lane: 'l#1' });
    await pool.query(claim, ['one', 'a']);
    await expect(pool.query(claim, ['two', 'b'])).rejects.toMatchObject({ constraint: 'arbiter_one_leg_a_lane' });
  });
});
