import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine, Json, WorkflowContext } from '../../src/ports/engine.js';
import { allEngines } from '../engine/engines.js';

const engines = await allEngines();
for (const { skip } of engines) if (skip !== null) console.warn(`skipped: ${skip}`);
afterAll(async () => {
  for (const engine of engines) await engine.stop();
});

const wordOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

describe.each([...engines])('engine $name', (under) => {
  const run = it.skipIf(under.skip !== null);
  let engine: Engine;
  let close: () => Promise<void> = () => Promise.resolve();
  beforeEach(async () => {
    if (under.skip === null) ({ engine, close } = await under.open({ concurrency: 8, maxBacklog: 50 }));
  });
  afterEach(() => close());
  const started = async (workflows: Record<string, (input: Json, context: WorkflowContext) => Promise<Json>>) => {
    for (const [name, workflow] of Object.entries(workflows)) engine.register(name, workflow);
    await engine.start();
  };
  const until = async (holds: () => boolean | Promise<boolean>, ms = 5000): Promise<void> => {
    const endMs = Date.now() + ms;
    while (!(await holds())) {
      if (Date.now() > endMs) throw new Error('it did not come to pass in time');
      await sleep(5);
    }
  };

  run('runs what is asked for and answers with what it gave', async () => {
    await started({ double: async (input) => ({ twice: Number(input) * 2 }) });
    await engine.enqueue('double', 21, { id: 'a', queue: 'tasks' });
    expect(await engine.result('a', 5000)).toEqual({ twice: 42 });
    expect(await engine.list({ prefix: 'a' })).toMatchObject([{ id: 'a', name: 'double', state: 'succeeded' }]);
  });

  run('starts within 150 ms of being asked, long before the next poll', async () => {
    const startedMs = new Map<string, number>();
    await started({
      note: async (input) => {
        startedMs.set(wordOf(input), performance.now());
        return null;
      },
    });
    const waits: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const askedMs = performance.now();
      await engine.enqueue('note', `n${round}`, { id: `n${round}`, queue: 'work', lane: `a#${round % 3}` });
      await until(() => startedMs.has(`n${round}`));
      waits.push((startedMs.get(`n${round}`) ?? Infinity) - askedMs);
    }
    // The middle one of twenty: a machine that is busy makes some of them late (bench/tasks measures the others).
    expect(waits.toSorted((a, b) => a - b)[9]).toBeLessThan(150);
  });

  run('asking twice under one id is asking once', async () => {
    let runs = 0;
    await started({ count: async () => (runs += 1) });
    for (let times = 0; times < 5; times += 1) await engine.enqueue('count', null, { id: 'one', queue: 'tasks' });
    await engine.result('one', 5000);
    await engine.enqueue('count', null, { id: 'one', queue: 'tasks' });
    await sleep(100);
    expect(runs).toBe(1);
  });

  run('a lane runs one at a time, lanes run side by side, whatever the load', async () => {
    const now = new Map<string, number>();
    let most = 0;
    let together = 0;
    await started({
      work: async (input) => {
        const lane = wordOf(input);
        now.set(lane, (now.get(lane) ?? 0) + 1);
        most = Math.max(most, now.get(lane) ?? 0);
        together = Math.max(together, [...now.values()].filter((count) => count > 0).length);
        await sleep(10);
        now.set(lane, (now.get(lane) ?? 1) - 1);
        return null;
      },
    });
    const asked = Array.from({ length: 40 }, (_, index) => ({ id: `w${index}`, lane: `lane#${index % 5}` }));
    await Promise.all(asked.map(({ id, lane }) => engine.enqueue('work', lane, { id, queue: 'work', lane })));
    for (const { id } of asked) await engine.result(id, 20_000);
    expect(most).toBe(1);
    expect(together).toBeGreaterThan(1);
  });

  run('the next of a lane begins as soon as the last has ended, not at the next look', async () => {
    await started({ work: async () => null });
    const asked = Array.from({ length: 12 }, (_, index) => `q${index}`);
    for (const id of asked) await engine.enqueue('work', id, { id, queue: 'work', lane: 'quick#0' });
    const startedMs = Date.now();
    for (const id of asked) await engine.result(id, 20_000);
    // Queues are looked at every second when nothing is heard.
    expect(Date.now() - startedMs).toBeLessThan(6000);
  });

  run('the more urgent goes first in a lane', async () => {
    const order: string[] = [];
    let open = false;
    await started({
      work: async (input) => {
        order.push(wordOf(input));
        await until(() => open);
        return null;
      },
    });
    const ask = (id: string, priority: number) =>
      engine.enqueue('work', id, { id, queue: 'work', lane: 'l#0', priority });
    await ask('first', 500);
    await until(() => order.length === 1);
    await ask('late', 900);
    await ask('urgent', 1);
    await ask('usual', 500);
    open = true;
    for (const id of ['late', 'urgent', 'usual']) await engine.result(id, 10_000);
    expect(order).toEqual(['first', 'urgent', 'usual', 'late']);
  });

  run('a delayed one waits', async () => {
    let ranMs = 0;
    await started({
      later: async () => {
        ranMs = performance.now();
        return null;
      },
    });
    const askedMs = performance.now();
    await engine.enqueue('later', null, { id: 'later', queue: 'tasks', delayMs: 700 });
    await engine.result('later', 10_000);
    expect(ranMs - askedMs).toBeGreaterThan(650);
    expect(ranMs - askedMs).toBeLessThan(4000);
  });

  run('a step is remembered: a workflow that goes on gets its answer back', async () => {
    const done: string[] = [];
    let fails = true;
    await started({
      steps: async (_, { step }) => {
        const a = await step('a', async () => {
          done.push('a');
          return { at: done.length };
        });
        if (fails) throw new Error('stopped after a');
        const b = await step('b', async () => {
          done.push('b');
          return 2;
        });
        return [a, b];
      },
    });
    await engine.enqueue('steps', null, { id: 's', queue: 'tasks' });
    await expect(engine.result('s', 5000)).rejects.toMatchObject({ code: 'WORKFLOW_FAILED' });
    await expect(engine.result('s', 5000)).rejects.toThrow('stopped after a');
    fails = false;
    await engine.fork('s', 1, 's2');
    expect(await engine.result('s2', 5000)).toEqual([{ at: 1 }, 2]);
    expect(done).toEqual(['a', 'b']);
  });

  run('a signal is delivered once under its key, also one that came before it was waited for', async () => {
    await started({
      wait: async (_, { receive, emit }) => {
        await emit('asked', { what: 'a waiver' });
        const first = await receive('answer', 5000);
        const second = await receive('answer', 200);
        return [first, second];
      },
    });
    await engine.enqueue('wait', null, { id: 'w', queue: 'tasks' });
    await engine.send('w', 'answer', { ok: true }, 'key-1');
    await engine.send('w', 'answer', { ok: true }, 'key-1');
    expect(await engine.result('w', 10_000)).toEqual([{ ok: true }, null]);
    expect(await engine.state('w', 'asked')).toEqual({ what: 'a waiver' });
    expect(await engine.state('w', 'nothing')).toBeNull();
  });

  run('cancelling stops what runs within a second, and keeps what waits from ever starting', async () => {
    let abortedMs = 0;
    const ran: string[] = [];
    await started({
      work: async (input, { signal }) => {
        ran.push(wordOf(input));
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        abortedMs = performance.now();
        return null;
      },
    });
    await engine.enqueue('work', 'runs', { id: 'runs', queue: 'work', lane: 'l#0' });
    await engine.enqueue('work', 'waits', { id: 'waits', queue: 'work', lane: 'l#0' });
    await until(() => ran.length === 1);
    await engine.cancel('waits');
    const cancelledMs = performance.now();
    await engine.cancel('runs');
    await until(() => abortedMs > 0);
    expect(abortedMs - cancelledMs).toBeLessThan(1000);
    await expect(engine.result('runs', 5000)).rejects.toMatchObject({ code: 'WORKFLOW_CANCELLED' });
    await sleep(200);
    expect(ran).toEqual(['runs']);
    expect((await engine.list({ states: ['cancelled'] })).map(({ id }) => id).toSorted()).toEqual(['runs', 'waits']);
    await engine.cancel('waits');
  });

  run('resuming runs a failed one on, in its own lane', async () => {
    let fails = true;
    await started({
      work: async () => {
        if (fails) throw new Error('not yet');
        return 'done';
      },
    });
    await engine.enqueue('work', null, { id: 'f', queue: 'work', lane: 'l#0' });
    await engine.enqueue('work', null, { id: 'f1', queue: 'work', lane: 'l#1' });
    await expect(engine.result('f', 5000)).rejects.toMatchObject({ code: 'WORKFLOW_FAILED' });
    await expect(engine.result('f1', 5000)).rejects.toMatchObject({ code: 'WORKFLOW_FAILED' });
    fails = false;
    await engine.resume('f');
    expect(await engine.result('f', 10_000)).toBe('done');
    expect(await engine.list({ prefix: 'f', states: ['succeeded'] })).toMatchObject([{ id: 'f', lane: 'l#0' }]);
  });

  run('resuming runs a cancelled one on', async () => {
    let open = false;
    await started({
      work: async (_, { signal }) => {
        if (open) return 'done';
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        throw new Error('cut short');
      },
    });
    await engine.enqueue('work', null, { id: 'r', queue: 'tasks' });
    await until(async () => (await engine.list({ states: ['running'] })).length === 1);
    await engine.cancel('r');
    await expect(engine.result('r', 5000)).rejects.toMatchObject({ code: 'WORKFLOW_CANCELLED' });
    await sleep(50);
    open = true;
    await engine.resume('r');
    expect(await engine.result('r', 10_000)).toBe('done');
  });

  run('a full queue refuses, says when to come again, and loses nothing', async () => {
    let taken = 0;
    for (; taken < 200; taken += 1) {
      const refused: unknown = await engine.enqueue('later', taken, { id: `q${taken}`, queue: 'tasks' }).then(
        () => null,
        (error: unknown) => error,
      );
      if (refused === null) continue;
      expect(refused).toMatchObject({ code: 'QUEUE_FULL', mend: expect.stringContaining('30 seconds') });
      break;
    }
    expect(taken).toBeGreaterThanOrEqual(50);
    expect(taken).toBeLessThan(200);
    expect((await engine.backlog()).tasks).toBe(taken);
  });

  run('what is not known here stays queued for a process that knows it', async () => {
    await started({ known: async () => 'yes' });
    await engine.enqueue('unknown', null, { id: 'u', queue: 'tasks' });
    await engine.enqueue('known', null, { id: 'k', queue: 'tasks' });
    expect(await engine.result('k', 5000)).toBe('yes');
    expect(await engine.result('u', 100)).toBeNull();
  });

  run('unknown ids are faults', async () => {
    await expect(engine.result('nobody', 10)).rejects.toMatchObject({ code: 'UNKNOWN_WORKFLOW' });
    await expect(engine.cancel('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_WORKFLOW' });
    await expect(engine.resume('nobody')).rejects.toMatchObject({ code: 'UNKNOWN_WORKFLOW' });
    await expect(engine.send('nobody', 't', 1, 'k')).rejects.toMatchObject({ code: 'UNKNOWN_WORKFLOW' });
    await expect(engine.fork('nobody', 0, 'x')).rejects.toMatchObject({ code: 'UNKNOWN_WORKFLOW' });
  });

  run('a schedule comes round, and one that fails comes round again', async () => {
    let turns = 0;
    engine.schedule('tick', 500, async () => {
      turns += 1;
      throw new Error('this turn fails');
    });
    await engine.start();
    await until(() => turns >= 2, 8000);
  });

  run('stopping ends what runs, and is safe twice', async () => {
    let [begun, stopped] = [false, false];
    await started({
      work: async (_, { signal }) => {
        begun = true;
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        stopped = true;
        return null;
      },
    });
    await engine.enqueue('work', null, { id: 'x', queue: 'tasks' });
    // One that is stopped between its claim and its first step is given back without having run.
    await until(() => begun);
    const beganMs = performance.now();
    await engine.stop();
    await engine.stop();
    expect(stopped).toBe(true);
    expect(performance.now() - beganMs).toBeLessThan(4000);
  });
});
