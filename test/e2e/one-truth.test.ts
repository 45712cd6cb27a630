import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownerUrl } from '../../src/adapters/postgres/launcher/probe-server.js';
import { readSecrets } from '../../src/adapters/postgres/launcher/secrets.js';
import { storeFolders } from '../../src/adapters/postgres/launcher/store-folders.js';
import type { TrackOutcomes } from '../../src/app/learning/track-outcomes.js';
import type { TrackReconcile } from '../../src/app/learning/track-reconcile.js';
import type { Outcome } from '../../src/core/learning/outcome.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { type Ground, layGround, openServed, run, setAgents, settled, spend } from './routing-ground.js';
import { runCommand } from './run-command.js';
import { createWorld } from './world.js';

// Through the door that a user uses: real tasks, real verdicts, and what three stores made of them.
const world = createWorld({ ARBITER_FSYNC: 'off' });
let runtime: OpenRuntime;
let ground: Ground;
const track = (...argv: string[]) => runCommand(world.ports, world.home, ['track', ...argv]);
const json = async <Result>(...argv: string[]): Promise<Result> =>
  JSON.parse((await track(...argv, '--json')).out) as Result;

beforeAll(async () => {
  const policy = '{ name: epsilon-greedy, epsilon: 1, decay: 1 }';
  ground = await layGround(world, `routing: { plans: [cascade], policy: ${policy} }\n`);
  runtime = await openServed(world);
  const { whole, wrong } = ground.patches;
  await setAgents(world, runtime, {
    good: [{ patch: whole, spend: spend(700) }],
    poor: [{ patch: wrong, spend: spend(300) }],
    gone: [{ fails: { code: 'AGENT_FAILED', message: 'it crashed' }, spend: spend(50) }],
  });
});
afterAll(async () => {
  await runtime.close();
  await world.close();
});

/** As the owner of the database, who may do what Arbiter never does. */
async function damage(...statements: readonly string[]): Promise<void> {
  const folders = storeFolders(world.ports.places.stateHome);
  const secrets = await readSecrets(folders.secrets);
  if (secrets === null) throw new Error('there is no store');
  const client = new Client({ connectionString: ownerUrl(folders, secrets, 'arbiter') });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

describe('what decisions came to', () => {
  it('is the same in data points, router and registry after real tasks, refused and broken agents among them', async () => {
    for (let count = 0; count < 3; count += 1) {
      const task = await run(world, runtime, ground);
      expect(task.state).toBe('accepted');
      await settled(runtime, task.id);
    }
    const reconciled = await json<TrackReconcile>('reconcile');
    expect(reconciled).toMatchObject({ equal: true, folded: 0, left: null });
    expect(reconciled.compared).toBeGreaterThanOrEqual(3);
    const { code, out } = await track('reconcile');
    expect([code, out]).toEqual([0, expect.stringContaining('tracker, router and registry agree')]);
  });

  it('is revised in all three by an outcome that comes late, which is said', async () => {
    const known: Outcome[] = [];
    for await (const page of runtime.points.readOutcomes({})) known.push(...page);
    const passed = known.find(({ verdict }) => verdict === 'PASS');
    if (passed === undefined) throw new Error('nothing passed');
    const file = join(world.home, 'late.jsonl');
    const reverted = { ...passed, verdict: 'FAIL', reward: 0, revision: passed.revision + 1, at_ms: Date.now() };
    writeFileSync(file, `${JSON.stringify(reverted)}\n`);
    expect(await json<TrackOutcomes>('outcomes', file)).toMatchObject({ taken: 1, refused: 0, learned: 1 });
    expect(await json<TrackOutcomes>('outcomes', file)).toMatchObject({ taken: 0, known: 1, learned: 0 });
    const { outcomes } = await runtime.routes.read(passed.decision_id ?? '');
    expect(outcomes.find(({ agent }) => agent === 'good')).toMatchObject({ verdict: 'FAIL', reward: 0 });
    const [tally, ...others] = await runtime.routes.tally(['good@1']);
    expect([others, tally?.count, tally?.reward]).toEqual([[], 3, 2]);
    const { histories } = await runtime.registry.read(null);
    const good = histories.find(({ place }) => place.agent === 'good');
    expect([good?.history.n, good?.history.passed]).toEqual([3, 2]);
    expect((await track('reconcile')).code).toBe(0);
  });

  it('is named where it was damaged, exit 1, and mended from the data points', async () => {
    const before = [await runtime.routes.tally(['good@1']), (await runtime.registry.read(null)).histories];
    await damage(
      `update arbiter.route_sums set outcomes = 70 where arm = 'good@1'`,
      `update arbiter.route_memory set state = '{"pulls":"many"}' where arm = 'good@1'`,
      `update arbiter.agent_history set state = '{}' where agent = 'good'`,
      'alter table arbiter.agent_observations disable trigger user',
      `delete from arbiter.agent_observations where decision_id in
        (select decision_id from arbiter.agent_observations where agent = 'good' order by decision_id limit 1)`,
      'alter table arbiter.agent_observations enable trigger user',
    );
    const { code, out } = await track('reconcile');
    expect(code).toBe(1);
    for (const part of [
      'tracker, router and registry differ',
      'registry nothing',
      'memory of good@1',
      'sum of good@1 at code-editing/',
      'of 70 outcomes, there are 3',
      'history good@1/code-editing/',
      'track reconcile --mend',
    ])
      expect(out).toContain(part);
    const mended = await track('reconcile', '--mend');
    expect([mended.code, mended.out]).toEqual([0, expect.stringContaining('found and mended')]);
    expect((await track('reconcile')).code).toBe(0);
    expect([await runtime.routes.tally(['good@1']), (await runtime.registry.read(null)).histories]).toEqual(before);
  });
});
