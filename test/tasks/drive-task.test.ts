import { afterEach, describe, expect, it } from 'vitest';
import { answerTask, cancelTask } from '../../src/app/tasks/answer-task.js';
import { legOptions, legWorkflow } from '../../src/app/tasks/lanes.js';
import { openStory } from '../../src/app/tasks/story.js';
import { sweepTasks } from '../../src/app/tasks/sweep-tasks.js';
import { Fault } from '../../src/core/fault.js';
import { nothingSpent } from '../../src/core/tasks/spend.js';
import { type Scene, openScene, quickStages, told } from './scene.js';

let scene: Scene;
afterEach(() => scene.close());

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }));

describe('driving a task', () => {
  it('goes from submitted to accepted, each event once and in order', async () => {
    scene = await openScene(quickStages());
    const { id } = await scene.submit();
    expect(await scene.settled(id)).toMatchObject({ state: 'accepted', attempt: 1, spend: { micro_usd: 5 } });
    expect(await scene.types(id)).toEqual([
      'task-submitted',
      'task-admitted',
      'task-planned',
      'worker-chosen',
      'work-started',
      'plea-submitted',
      'plea-examined',
      'deliberation-started',
      'verdict-reached',
      'verdict-recorded',
    ]);
  });

  it('waits for its agent in the lane of the agent, and moves to the next agent’s lane when it escalates', async () => {
    const outcomes = ['FAIL', 'FAIL', 'PASS'] as const;
    let judged = 0;
    const stages = quickStages({
      judge: async (_task, candidate) => told.verdict(candidate, outcomes[judged++] ?? 'PASS'),
    });
    scene = await openScene(stages, ['first', 'second']);
    const { id } = await scene.submit({ agents: ['first', 'second'] });
    expect(await scene.settled(id)).toMatchObject({ state: 'accepted', attempt: 3, rung: 1 });
    const lanes = (await scene.engine.list({ prefix: `leg/${id}/` })).map(({ lane }) => lane?.split('#')[0]);
    expect(lanes).toEqual(['first', 'second']);
  });

  it('takes a story up where it stands, and does no finished stage again', async () => {
    let works = 0;
    const stages = quickStages({
      work: async (_task, candidate, happened) => {
        works += 1;
        await happened(told.pleaded(candidate));
      },
    });
    scene = await openScene(stages);
    await scene.engine.stop();
    const other = await openScene(stages);
    const { id } = await other.submit({ agents: ['quick'] });
    await other.settled(id);
    // The same leg again, as after a crash: nothing is left to do.
    await other.engine.enqueue(
      legWorkflow,
      { taskId: id, seq: 1, queue: 'work', lane: 'quick#0' },
      legOptions(id, 999, { queue: 'work', lane: 'quick#0' }, { priority: 1 }),
    );
    await other.engine.result(`leg/${id}/999`, 5000);
    expect(works).toBe(1);
    await other.close();
  });

  it('of two that drive one task the slower is told, and its work counts for nothing', async () => {
    scene = await openScene(quickStages({ work: (_task, _candidate, _happened, { signal }) => never(signal) }));
    const { id } = await scene.submit();
    await expect.poll(async () => (await scene.types(id)).at(-1)).toBe('work-started');
    const one = await openStory(scene.tasks, id, 'one');
    const two = await openStory(scene.tasks, id, 'two');
    one.happen(told.pleaded(0));
    two.happen(told.pleaded(0));
    await one.commit();
    await expect(two.commit()).rejects.toMatchObject({ code: 'TASK_MOVED_ON' });
    expect((await scene.types(id)).filter((type) => type === 'plea-submitted')).toHaveLength(1);
  });

  it('cancels what runs, within two seconds, and nothing comes after', async () => {
    let stoppedMs = 0;
    const stages = quickStages({
      work: (_task, _candidate, _happened, { signal }) => never(signal).finally(() => (stoppedMs = performance.now())),
    });
    scene = await openScene(stages);
    const { id } = await scene.submit();
    await expect.poll(async () => (await scene.types(id)).at(-1)).toBe('work-started');
    const beganMs = performance.now();
    await cancelTask(scene, id, 'ann', Date.now());
    await expect.poll(() => stoppedMs).toBeGreaterThan(0);
    expect(stoppedMs - beganMs).toBeLessThan(2000);
    expect(await scene.settled(id)).toMatchObject({ state: 'cancelled', reason: { message: 'cancelled by ann' } });
    expect((await scene.types(id)).at(-1)).toBe('task-cancelled');
  });

  it('ends at its deadline, also in the middle of work', async () => {
    scene = await openScene(quickStages({ work: (_task, _candidate, _happened, { signal }) => never(signal) }));
    const { id } = await scene.submit({ deadline_ms: Date.now() + 150 });
    expect(await scene.settled(id)).toMatchObject({ state: 'failed', reason: { code: 'DEADLINE_PASSED' } });
  });

  it('waits for a human without any leg, and goes on when it is answered', async () => {
    const outcomes = ['WAIVER_REQUIRED', 'PASS'] as const;
    let judged = 0;
    const stages = quickStages({
      judge: async (_task, candidate) => told.verdict(candidate, outcomes[judged++] ?? 'PASS', false),
    });
    scene = await openScene(stages);
    const { id } = await scene.submit();
    expect((await scene.settled(id)).state).toBe('awaiting-waiver');
    await expect.poll(async () => (await scene.engine.list({ states: ['enqueued', 'running'] })).length).toBe(0);
    await answerTask(scene, id, { base: 'c'.repeat(40), by: 'ann', nowMs: Date.now() });
    await expect.poll(async () => (await scene.tasks.read(id)).task.state).toBe('accepted');
    expect((await scene.tasks.read(id)).task.base).toBe('c'.repeat(40));
    await expect(answerTask(scene, id, { base: 'd', by: 'ann', nowMs: 1 })).rejects.toMatchObject({
      code: 'TASK_ENDED',
    });
  });

  it('a fault that passes is waited out; one that stays fails the task and says why', async () => {
    let tries = 0;
    const stages = quickStages({
      judge: async (_task, candidate) => {
        tries += 1;
        if (tries === 1) throw new Fault('GIT_TIMEOUT', 'git was silent', { mend: 'look at the disk' });
        return told.verdict(candidate, 'PASS');
      },
    });
    scene = await openScene(stages);
    const { id } = await scene.submit();
    expect(await scene.settled(id)).toMatchObject({ state: 'accepted', faults: 0 });
    expect((await scene.types(id)).filter((type) => type === 'fault-raised')).toHaveLength(1);
    await scene.close();

    scene = await openScene(quickStages({ admit: () => Promise.reject(new TypeError('a defect of ours')) }));
    const broken = await scene.submit();
    expect(await scene.settled(broken.id)).toMatchObject({ state: 'failed', reason: { code: 'DEFECT' } });
  });

  it('an open task under the same key is the same task; a second one under another key is another', async () => {
    scene = await openScene(quickStages({ work: (_task, _candidate, _happened, { signal }) => never(signal) }));
    const one = await scene.submit({ dedup_key: 'k' });
    expect((await scene.submit({ dedup_key: 'k' })).id).toBe(one.id);
    expect((await scene.submit({ dedup_key: 'l' })).id).not.toBe(one.id);
    await cancelTask(scene, one.id, 'ann', Date.now());
    expect((await scene.submit({ dedup_key: 'k' })).id).not.toBe(one.id);
  });

  it('the sweep finds a task whose leg was lost, and one whose deadline passed while it waited', async () => {
    scene = await openScene(quickStages({ judge: async (_t, c) => told.verdict(c, 'WAIVER_REQUIRED', false) }));
    const waiting = await scene.submit({ deadline_ms: Date.now() + 60_000 });
    await scene.settled(waiting.id);
    // Stored without a leg, as by a process that died between the two.
    const lost = await scene.submit();
    await scene.settled(lost.id);
    const orphan = await scene.tasks.create(
      { ...lost, id: lost.id.replace(/.$/, (last) => (last === '0' ? '1' : '0')), updated_ms: 1 },
      { type: 'task-submitted', at_ms: 1 },
      { maxOpen: 100 },
    );
    const signal = new AbortController().signal;
    expect(await sweepTasks(scene, Date.now(), signal)).toEqual({ expired: 0, revived: 1 });
    expect((await scene.settled(orphan.task.id)).state).toBe('awaiting-waiver');
    expect(await sweepTasks(scene, Date.now() + 61_000, signal)).toMatchObject({ expired: 1 });
    expect((await scene.tasks.read(waiting.id)).task.state).toBe('failed');
  });

  it('an agent is asked no more often in a minute than it allows: the rest wait without a slot', async () => {
    scene = await openScene(quickStages());
    const [agent] = await scene.agents.list();
    if (agent === undefined) throw new Error('the scene has an agent');
    await scene.agents.put({ ...agent, limits: { ...agent.limits, per_minute: 2 } });
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await scene.submit({ agents: ['quick'] })).id);
    const states = async () => Promise.all(ids.map(async (id) => (await scene.tasks.read(id)).task.state));
    await expect.poll(async () => (await states()).filter((state) => state === 'accepted').length).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await states()).toSorted()).toEqual(['accepted', 'accepted', 'routed']);
    expect(await scene.engine.list({ states: ['running'] })).toEqual([]);
    expect(await scene.engine.list({ states: ['enqueued'] })).toHaveLength(1);
  });

  it('parts are stored one by one: a crash costs no finished part', async () => {
    const parts = ['a', 'b', 'c'];
    const done: string[] = [];
    const sha = 'f'.repeat(64);
    let dies = true;
    const stages = quickStages({
      work: async (task, candidate, happened) => {
        for (const part of parts) {
          if (task.candidates[candidate]?.chunks.some((chunk) => chunk.id === part)) continue;
          done.push(part);
          await happened({
            type: 'chunk-finished',
            at_ms: Date.now(),
            candidate,
            chunk: part,
            patch: sha,
            plea: sha,
            spend: nothingSpent,
          });
          if (part === 'b' && dies) {
            dies = false;
            throw new Fault('SANDBOX_FAILED', 'the sandbox broke', { mend: 'again' });
          }
        }
        await happened(told.pleaded(candidate));
      },
    });
    scene = await openScene(stages);
    const { id } = await scene.submit();
    expect((await scene.settled(id)).state).toBe('accepted');
    expect(done).toEqual(['a', 'b', 'c']);
  });
});
