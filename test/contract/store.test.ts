import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMemoryStores } from '../../src/adapters/memory/memory-stores.js';
import { type AgentProfile, agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import type { TaskEvent } from '../../src/core/tasks/task-event.js';
import type { Task } from '../../src/core/tasks/task.js';
import type { AgentStore, LeaseStore, TaskStore } from '../../src/ports/task-store.js';
import type { TestCluster } from '../store/cluster.js';
import { storePlaces } from '../store/places.js';
import { aTask, openTestStores, submitted } from '../store/stores.js';

interface Stores {
  readonly tasks: TaskStore;
  readonly agents: AgentStore;
  readonly leases: LeaseStore;
  close(): Promise<void>;
}

async function onCluster(cluster: TestCluster): Promise<Stores> {
  const database = await openTestStores(await cluster.createDatabase());
  return { ...database, close: () => database.close().then(() => cluster.stop()) };
}

const places = await storePlaces<Stores>(
  () => ({ ...createMemoryStores(), close: () => Promise.resolve() }),
  onCluster,
);

describe.each(places)('stores in $name', ({ skip, open }) => {
  const promise = it.skipIf(skip);
  let stores: Stores;
  beforeAll(async () => {
    if (!skip) stores = await open();
  });
  afterAll(async () => {
    if (!skip) await stores.close();
  });
  const many = { maxOpen: 1_000_000 };
  const store = async (task: Task = aTask()): Promise<Task> => {
    await stores.tasks.create(task, submitted, many);
    return task;
  };
  const started: TaskEvent = { type: 'deliberation-started', at_ms: 1_700_000_000_001 };
  const end = async (task: Task): Promise<Task> => {
    const cancelled: Task = { ...task, state: 'cancelled' };
    const { seq } = await stores.tasks.read(task.id);
    await stores.tasks.append(task.id, seq, [{ type: 'task-cancelled', at_ms: 2, by: 'me' }], cancelled, 'client');
    return cancelled;
  };

  promise('of many appends at once each moves or fails by itself', async () => {
    const tasks = await Promise.all(Array.from({ length: 90 }, () => store()));
    const stranger = aTask();
    const append = (task: Task, seq: number, by: string): Promise<void> =>
      stores.tasks.append(task.id, seq, [started], { ...task, attempt: 1 }, by);
    const asked = [
      ...tasks.flatMap((task) => [append(task, 1, 'one'), append(task, 1, 'two')]),
      append(stranger, 1, 'one'),
    ];
    const said = await Promise.allSettled(asked);
    const codes = said.map((one) => (one.status === 'fulfilled' ? 'moved' : (one.reason as { code: string }).code));
    expect(codes.at(-1)).toBe('TASK_UNKNOWN');
    for (const [index, task] of tasks.entries()) {
      expect(codes.slice(2 * index, 2 * index + 2).sort()).toEqual(['TASK_MOVED_ON', 'moved']);
      const winner = codes[2 * index] === 'moved' ? 'one' : 'two';
      const events = await stores.tasks.readEvents(task.id);
      expect(events.map(({ seq, by }) => [seq, by]).slice(1)).toEqual([[2, winner]]);
      expect((await stores.tasks.read(task.id)).seq).toBe(2);
    }
  });

  promise('of many contents at once each is there under its own digest', async () => {
    const contents = Array.from({ length: 150 }, (_, index) => new TextEncoder().encode(`content ${index % 100}`));
    const digests = await Promise.all(contents.map((bytes) => stores.tasks.putContent(bytes)));
    expect(new Set(digests).size).toBe(100);
    for (const [index, digest] of digests.entries()) {
      expect(await stores.tasks.getContent(digest)).toEqual(contents[index]);
    }
  });

  promise('an agent has so many turns a minute, over all who ask at once, and says when there is another', async () => {
    const asked = await Promise.all(Array.from({ length: 10 }, () => stores.agents.takeTurn('busy', 4)));
    expect(asked.filter((waitMs) => waitMs === 0)).toHaveLength(4);
    for (const waitMs of asked.filter((ms) => ms > 0)) {
      expect(waitMs).toBeGreaterThan(10_000);
      expect(waitMs).toBeLessThanOrEqual(15_000);
    }
    expect(await stores.agents.takeTurn('other', 4)).toBe(0);
  });

  promise('gives a task back as it was stored, with its first event', async () => {
    const odd = 'quotes " \\ \' {a,b} NULL, U+0000 \0, half a pair \ud800, line\u2028ends\r\n, 日本';
    const task = await store(aTask({ words: odd, deadline_ms: 4_000_000_000_000 }));
    expect(await stores.tasks.read(task.id)).toEqual({ task, seq: 1 });
    expect(await stores.tasks.readEvents(task.id)).toEqual([
      { seq: 1, atMs: submitted.at_ms, by: 'client', event: submitted },
    ]);
  });

  promise('stores a task once, however often it is created', async () => {
    const task = await store();
    const again = await stores.tasks.create({ ...task, state: 'failed' }, submitted, many);
    expect(again).toEqual({ task, created: false });
    expect(await stores.tasks.readEvents(task.id)).toHaveLength(1);
  });

  promise('answers the open task of a dedup key, and forgets the key when that has ended', async () => {
    const first = await store(aTask({ dedup_key: 'nightly\0' }));
    const second = aTask({ dedup_key: 'nightly\0' });
    expect(await stores.tasks.create(second, submitted, many)).toEqual({ task: first, created: false });
    await expect(stores.tasks.read(second.id)).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
    await end(first);
    expect(await stores.tasks.create(second, submitted, many)).toEqual({ task: second, created: true });
    await end(second);
  });

  promise('makes one task of many that are created at once under one dedup key', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => stores.tasks.create(aTask({ dedup_key: 'at once' }), submitted, many)),
    );
    expect(answers.filter((answer) => answer.created)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.task.id)).size).toBe(1);
  });

  promise('refuses when as many tasks are open as may be, exactly, also when many come at once', async () => {
    const known = await store(aTask({ dedup_key: 'known' }));
    const open = (await stores.tasks.list({ limit: 10_000 })).filter((task) => task.state !== 'cancelled').length;
    const limit = { maxOpen: open + 5 };
    const answers = await Promise.allSettled(
      Array.from({ length: 25 }, () => stores.tasks.create(aTask(), submitted, limit)),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(20);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'QUEUE_FULL' });
    const same = await stores.tasks.create(aTask({ dedup_key: 'known' }), submitted, limit);
    expect(same.task.id).toBe(known.id);
    await end(known);
    expect((await stores.tasks.create(aTask(), submitted, limit)).created).toBe(true);
  });

  promise('appends events in order and stores the task as it is after them', async () => {
    const task = await store();
    const after: Task = { ...task, state: 'working', attempt: 1, updated_ms: task.updated_ms + 5 };
    const work: TaskEvent = { type: 'work-started', at_ms: 7, agents: ['pi "the\\ agent"', '\0'] };
    await stores.tasks.append(task.id, 1, [started, work], after, 'executor-1');
    expect(await stores.tasks.read(task.id)).toEqual({ task: after, seq: 3 });
    expect(await stores.tasks.readEvents(task.id, 1)).toEqual([
      { seq: 2, atMs: started.at_ms, by: 'executor-1', event: started },
      { seq: 3, atMs: 7, by: 'executor-1', event: work },
    ]);
    expect(await stores.tasks.readEvents(task.id, 3)).toEqual([]);
  });

  promise('tells the slower of two that drive one task that it moved on, and writes nothing of it', async () => {
    const task = await store();
    const drive = (by: string) => stores.tasks.append(task.id, 1, [started], { ...task, ladder: [by] }, by);
    const ends = await Promise.allSettled(['a', 'b', 'c', 'd', 'e', 'f'].map(drive));
    const lost = ends.filter((one) => one.status === 'rejected');
    expect(lost).toHaveLength(5);
    for (const { reason } of lost) expect(reason).toMatchObject({ code: 'TASK_MOVED_ON' });
    const events = await stores.tasks.readEvents(task.id);
    expect(events).toHaveLength(2);
    expect((await stores.tasks.read(task.id)).task.ladder).toEqual([events[1]?.by]);
    await expect(stores.tasks.append(task.id, 5, [started], task, 'ahead')).rejects.toMatchObject({
      code: 'TASK_MOVED_ON',
    });
  });

  promise('knows no task that was not created', async () => {
    const { id } = aTask();
    for (const ask of [
      () => stores.tasks.read(id),
      () => stores.tasks.readEvents(id),
      () => stores.tasks.append(id, 0, [started], aTask(), 'x'),
      () => stores.tasks.find(id),
      () => stores.tasks.find(''),
      () => stores.tasks.find('%'),
      () => stores.tasks.find("_'; drop table tasks"),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
    }
    expect(await stores.tasks.readLog(id)).toEqual([]);
  });

  promise('lists newest first, by state, repository and limit', async () => {
    const repository = '/of/this/test';
    const tasks: Task[] = [];
    for (const ms of [1, 2, 3, 4]) {
      const id = `0000000000000000000000000${ms}`;
      tasks.push(await store(aTask({ repository }, { id })));
    }
    const [one, two, three, four] = tasks.map((task) => task.id);
    const ids = async (filter: Parameters<TaskStore['list']>[0]) =>
      (await stores.tasks.list(filter)).map((task) => task.id);
    expect(await ids({ repository })).toEqual([four, three, two, one]);
    expect(await ids({ repository, limit: 2 })).toEqual([four, three]);
    if (tasks[1] !== undefined) await end(tasks[1]);
    expect(await ids({ repository, states: ['cancelled'] })).toEqual([two]);
    expect(await ids({ repository, states: ['submitted'] })).toEqual([four, three, one]);
    expect(await ids({ repository, states: ['submitted', 'cancelled'] })).toEqual([four, three, two, one]);
    expect(await ids({ repository, states: [] })).toEqual([]);
    expect(await ids({ repository: '/of/no/test' })).toEqual([]);
  });

  promise('finds a task by either end of its id, when it is one alone', async () => {
    const a = await store(aTask({}, { id: '7AAAAAAAAAAAAAAAAAAAAAAAAB' }));
    const b = await store(aTask({}, { id: '7AAAAAAAAAAAAAAAAAAAAAAAAC' }));
    expect(await stores.tasks.find(a.id)).toBe(a.id);
    expect(await stores.tasks.find(' aaaab ')).toBe(a.id);
    expect(await stores.tasks.find('AAC')).toBe(b.id);
    await expect(stores.tasks.find('7AAA')).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
  });

  promise('keeps log lines in order, and gives them out after an id', async () => {
    const task = await store();
    for (let line = 0; line < 2500; line += 1) stores.tasks.log(task.id, 'message', `line ${line}`);
    stores.tasks.log(task.id, 'stage', 'with \0 and \ud800');
    await stores.tasks.flush();
    const seen: string[] = [];
    let after = 0;
    for (;;) {
      const lines = await stores.tasks.readLog(task.id, after, 700);
      if (lines.length === 0) break;
      after = lines.at(-1)?.id ?? 0;
      seen.push(...lines.map((line) => line.text));
    }
    expect(seen).toHaveLength(2501);
    expect(seen.slice(0, 2500)).toEqual(Array.from({ length: 2500 }, (_, line) => `line ${line}`));
    expect(seen[2500]).toMatch(/^with . and .$/u);
  });

  promise('tells watchers of one task and of any, until their signal fires', async () => {
    const [mine, other] = [await store(), await store()];
    const stop = new AbortController();
    const [one, any] = [vi.fn(), vi.fn()];
    const watches = [stores.tasks.watch(mine.id, one, stop.signal), stores.tasks.watch(null, any, stop.signal)];
    await sleep(150);
    any.mockClear();
    one.mockClear();
    await stores.tasks.append(other.id, 1, [started], other, 'x');
    await vi.waitFor(() => expect(any).toHaveBeenCalled(), 1000);
    expect(one).not.toHaveBeenCalled();
    await stores.tasks.append(mine.id, 1, [started], mine, 'x');
    await vi.waitFor(() => expect(one).toHaveBeenCalled(), 1000);
    one.mockClear();
    stores.tasks.log(mine.id, 'note', 'hello');
    await stores.tasks.flush();
    await vi.waitFor(() => expect(one).toHaveBeenCalled(), 1000);
    stop.abort();
    await Promise.all(watches);
    await sleep(60);
    one.mockClear();
    await stores.tasks.append(mine.id, 2, [started], mine, 'x');
    await sleep(60);
    expect(one).not.toHaveBeenCalled();
    await stores.tasks.watch(mine.id, one, stop.signal);
  });

  promise('stores bytes once by their digest', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256);
    const digest = await stores.tasks.putContent(bytes);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await stores.tasks.putContent(bytes)).toBe(digest);
    expect(Buffer.compare(await stores.tasks.getContent(digest), bytes)).toBe(0);
    const empty = await stores.tasks.putContent(new Uint8Array());
    expect(await stores.tasks.getContent(empty)).toEqual(new Uint8Array());
    await expect(stores.tasks.getContent('0'.repeat(64))).rejects.toMatchObject({ code: 'CONTENT_MISSING' });
  });

  promise('names contents by salted commitments, which tell nothing of equal bytes elsewhere', async () => {
    const digest = await stores.tasks.putContent(new Uint8Array([7, 7]));
    const named = await stores.tasks.commitments([digest, '0'.repeat(64)]);
    expect([...named.keys()]).toEqual([digest]);
    expect(named.get(digest)).toMatch(/^[0-9a-f]{64}$/);
    expect(named.get(digest)).not.toBe(digest);
    await stores.tasks.putContent(new Uint8Array([7, 7]));
    expect(await stores.tasks.commitments([digest])).toEqual(named);
  });

  promise('keeps agents in the order in which they came, replaced ones in their place', async () => {
    const agent = (name: string, model: string | null = null): AgentProfile =>
      agentProfileSchema.parse({ name, kind: 'model', model });
    for (const name of ['zeta', 'alpha', 'mid']) await stores.agents.put(agent(name));
    await stores.agents.put(agent('alpha', 'newer'));
    expect(await stores.agents.list()).toEqual([agent('zeta'), agent('alpha', 'newer'), agent('mid')]);
    expect(await stores.agents.remove('zeta')).toBe(true);
    expect(await stores.agents.remove('zeta')).toBe(false);
    await stores.agents.put(agent('zeta'));
    expect((await stores.agents.list()).map(({ name }) => name)).toEqual(['alpha', 'mid', 'zeta']);
  });

  promise('records what a crash would leave behind until it is released', async () => {
    const clone = await stores.leases.take('clone', '/tmp/clone');
    const child = await stores.leases.take('process', '4711');
    const found = await stores.leases.list();
    expect(found.map(({ id, kind, what }) => ({ id, kind, what }))).toEqual(
      expect.arrayContaining([
        { id: clone, kind: 'clone', what: '/tmp/clone' },
        { id: child, kind: 'process', what: '4711' },
      ]),
    );
    for (const { owner } of found) expect(owner).toMatch(new RegExp(`^${process.pid}\\.\\d+$`));
    await stores.leases.release(clone);
    await stores.leases.release(clone);
    expect((await stores.leases.list()).map(({ id }) => id)).toEqual([child]);
    await stores.leases.release(child);
  });
});
