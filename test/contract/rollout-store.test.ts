import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryRollouts } from '../../src/adapters/memory/memory-rollouts.js';
import { changeRollout, listRollouts } from '../../src/app/rollout/change-rollout.js';
import { observe } from '../../src/app/rollout/observe.js';
import { admitByRollout } from '../../src/core/rollout/admit.js';
import { advanceRollout, beginRollout, rebuildRollout } from '../../src/core/rollout/apply-rollout-event.js';
import { makeUlid } from '../../src/core/ids.js';
import { type Rollout, rolloutOptionsSchema } from '../../src/core/rollout/rollout.js';
import type { RolloutEventOf } from '../../src/core/rollout/rollout-event.js';
import type { RolloutStore } from '../../src/ports/rollout-store.js';
import { crowdPlaces, pairOf } from '../store/places.js';

const places = await crowdPlaces(2, createMemoryRollouts, ({ rollouts }) => rollouts);

let counted = 0;
async function begin(store: RolloutStore, more: Partial<RolloutEventOf<'rollout-started'>> = {}): Promise<Rollout> {
  counted += 1;
  const started: RolloutEventOf<'rollout-started'> = {
    type: 'rollout-started',
    at_ms: 1_700_000_000_000 + counted,
    by: 'ada@example.org',
    subject: { kind: 'agent', incumbent: `a${counted}@1`, candidate: `a${counted}@2` },
    brought: null,
    surface: null,
    options: rolloutOptionsSchema.parse({ shadow_decisions: 0 }),
    ...more,
  };
  const id = makeUlid(started.at_ms, new Uint8Array(10).fill(counted));
  const { rollout, events } = advanceRollout(beginRollout(id, started), started);
  await store.begin(rollout, events);
  return rollout;
}
const observed = ({ id, subject, stage, state }: Rollout, task: string, reward: number) =>
  ({
    type: 'outcome',
    task_id: task,
    key: subject[admitByRollout(task, { id, stage, state })],
    surface: 'code-editing',
    reward,
    fault: false,
    at_ms: 1_700_000_001_000,
  }) as const;

describe.each(places)('rollouts in $name', ({ skip, open }) => {
  const promise = it.skipIf(skip);
  let pair: ReturnType<typeof pairOf<RolloutStore>>;
  beforeAll(async () => {
    if (!skip) pair = pairOf(await open());
  });
  afterAll(async () => {
    if (!skip) await pair.close();
  });

  promise('gives a rollout and its story back, newest first', async () => {
    const first = await begin(pair.one);
    const second = await begin(pair.other);
    expect(await pair.other.read(first.id)).toEqual({ id: first.id, seq: 2, rollout: first });
    expect((await pair.one.story(first.id)).map(({ type }) => type)).toEqual(['rollout-started', 'stage-reached']);
    const ids = (await listRollouts(pair.one)).map(({ id }) => id);
    expect(ids.indexOf(second.id)).toBeLessThan(ids.indexOf(first.id));
    await expect(pair.one.read('nothing')).rejects.toMatchObject({ code: 'ROLLOUT_UNKNOWN' });
    await expect(pair.one.story('nothing')).rejects.toMatchObject({ code: 'ROLLOUT_UNKNOWN' });
    await expect(pair.one.append('nothing', 1, [], first)).rejects.toMatchObject({ code: 'ROLLOUT_UNKNOWN' });
  });

  promise('begins one of two that would divide the same tasks, also when both begin at once', async () => {
    const subject = { kind: 'agent', incumbent: 'same@1', candidate: 'same@2' } as const;
    const answers = await Promise.allSettled([begin(pair.one, { subject }), begin(pair.other, { subject })]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'ROLLOUT_RUNNING' } });
    await begin(pair.one, { subject: { kind: 'policy', incumbent: 'same@1', candidate: 'other@1' } });
  });

  promise('takes a task’s outcome once, and nothing that builds on a story that moved', async () => {
    const rollout = await begin(pair.one);
    const outcome = observed(rollout, 'task', 1);
    expect(await observe(pair.one, outcome)).toMatchObject({ counted: true });
    expect(await observe(pair.other, outcome)).toEqual({ counted: false, why: 'known' });
    const { seq } = await pair.one.read(rollout.id);
    expect(seq).toBe(3);
    const event = { type: 'stage-reached', at_ms: 5, stage: 'canary-25', by: 'ada', why: 'so' } as const;
    expect(await pair.other.append(rollout.id, seq - 1, [event], rollout)).toBe('moved');
    expect(await pair.other.story(rollout.id)).toHaveLength(seq);
  });

  promise('loses no outcome of two processes, and is told by its story to the last bit', async () => {
    const rollout = await begin(pair.one);
    const tasks = Array.from({ length: 120 }, (_, index) => `task-${index}`);
    const tell = (store: RolloutStore, at: number) =>
      tasks
        .filter((_, index) => index % 2 === at)
        .reduce<Promise<unknown>>(
          (before, task) => before.then(() => observe(store, observed(rollout, task, task.length % 2))),
          Promise.resolve(),
        );
    await Promise.all([tell(pair.one, 0), tell(pair.other, 1)]);
    const kept = (await pair.one.read(rollout.id)).rollout;
    expect(kept).toEqual(rebuildRollout(rollout.id, await pair.other.story(rollout.id)));
    const { incumbent, candidate } = kept?.comparison.tally ?? rollout.comparison.tally;
    expect(incumbent.outcomes + candidate.outcomes).toBe(120);
    expect(candidate.outcomes).toBeGreaterThan(0);
  });

  promise('is rebuilt from its story when its kept state is spoilt, and goes on with the same e-values', async () => {
    if (pair.ownerUrl === null) return;
    const rollout = await begin(pair.one);
    for (let task = 0; task < 60; task += 1)
      await observe(pair.one, observed(rollout, `task-${task}`, task % 3 === 0 ? 0 : 1));
    const before = (await pair.one.read(rollout.id)).rollout;
    const client = new Client({ connectionString: pair.ownerUrl });
    await client.connect();
    try {
      await client.query(`update arbiter.rollouts set state = '{"id":1}' where id = $1`, [rollout.id]);
      expect((await pair.other.read(rollout.id)).rollout).toBeNull();
      expect((await listRollouts(pair.other)).find(({ id }) => id === rollout.id)).toEqual(before);
      const { rollout: after } = await changeRollout(pair.other, rollout.id, () => ({
        type: 'stage-reached',
        at_ms: 9,
        stage: 'canary-25',
        by: 'ada',
        why: 'so',
      }));
      expect(after.comparison).toEqual(before?.comparison);
      expect((await pair.one.read(rollout.id)).rollout).toEqual(after);
      for (const statement of [
        `update arbiter.rollout_events set type = 'x'`,
        'delete from arbiter.rollout_events',
        'truncate arbiter.rollout_events',
        'delete from arbiter.rollouts',
      ]) {
        await expect(client.query(statement)).rejects.toThrow(/never changed or removed/);
      }
    } finally {
      await client.end();
    }
  });
});
