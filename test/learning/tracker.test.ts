import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryStores } from '../../src/adapters/memory/memory-stores.js';
import { createDocuments } from '../../src/adapters/yaml/documents.js';
import { type Tracker, type TrackerParts, createTracker } from '../../src/app/learning/track-tasks.js';
import { Fault } from '../../src/core/fault.js';
import type { DataPoint } from '../../src/core/learning/data-point.js';
import { applyEvent } from '../../src/core/tasks/apply-event.js';
import type { TaskEvent } from '../../src/core/tasks/task-event.js';
import type { Told } from '../../src/ports/point-store.js';
import { aTask, submitted } from '../store/stores.js';
import { told as events } from '../tasks/scene.js';

const never = new AbortController().signal;
const stores: { close(): void }[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});

interface World {
  readonly tracker: Tracker;
  readonly points: Map<string, DataPoint>;
  readonly trouble: string[];
  readonly writes: number[];
  /** Makes a task with a story of three events. */
  task(): Promise<string>;
  fail: Error | null;
  hold: Promise<void> | null;
}

/** Tasks in memory, and points in a map that can be held up or made to fail. */
function openWorld(more: Partial<TrackerParts> = {}): World {
  const { tasks } = createMemoryStores();
  const points = new Map<string, DataPoint>();
  const told = new Map<string, number>();
  const ids: string[] = [];
  const world: { fail: Error | null; hold: Promise<void> | null } = { fail: null, hold: null };
  const trouble: string[] = [];
  const writes: number[] = [];
  const parts: TrackerParts = {
    tasks,
    documents: createDocuments(),
    redactor: { redact: async (text) => ({ text: text.toUpperCase(), removed: {} }) },
    decisions: async () => new Map(),
    points: {
      async write(some: readonly DataPoint[], done: readonly Told[]) {
        await world.hold;
        if (world.fail !== null) throw world.fail;
        writes.push(done.length);
        for (const point of some) points.set(`${point.task_id}/${point.step}/${point.kind}`, point);
        for (const { taskId, step } of done) told.set(taskId, Math.max(step, told.get(taskId) ?? 0));
        return some.length;
      },
      told: async (wanted) => new Map(wanted.flatMap((id) => (told.has(id) ? [[id, told.get(id) ?? 0] as const] : []))),
      async behind() {
        const found: string[] = [];
        for (const id of ids) if ((await tasks.read(id)).seq > (told.get(id) ?? 0)) found.push(id);
        return found;
      },
    },
    clock: { nowMs: () => Date.now(), pause: async () => undefined },
    signal: never,
    trouble: (text) => trouble.push(text),
    ...more,
  };
  return Object.assign(world, {
    tracker: createTracker(parts),
    points,
    trouble,
    writes,
    async task() {
      let task = aTask();
      await tasks.create(task, submitted, { maxOpen: 1000 });
      const more: TaskEvent[] = [events.admitted(), events.planned()];
      for (const event of more) task = applyEvent(task, event);
      await tasks.append(task.id, 1, more, task, 'me');
      ids.push(task.id);
      return task.id;
    },
  });
}

describe('the tracker', () => {
  it('tells a story once, whoever asks and how often', async () => {
    const world = openWorld();
    const id = await world.task();
    await Promise.all([world.tracker.follow(id), world.tracker.follow(id), world.tracker.follow(id)]);
    await world.tracker.flush();
    await world.tracker.follow(id);
    await world.tracker.flush();
    expect([...world.points.values()].map(({ kind }) => kind)).toEqual(['task', 'admission']);
    expect(world.points.get(`${id}/1/task`)).toMatchObject({ words: 'MAKE IT SO' });
    expect(world.writes).toEqual([1]);
  });

  it('keeps work waiting when its buffer is full, and loses nothing', async () => {
    const world = openWorld({ room: 4 });
    const ids = await Promise.all(Array.from({ length: 40 }, () => world.task()));
    let open = (): void => undefined;
    world.hold = new Promise((resolve) => (open = resolve));
    let through = 0;
    const all = ids.map((id) => world.tracker.follow(id).then(() => (through += 1)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Those that are being written, and as many as there is room for.
    expect(through).toBeLessThanOrEqual(5);
    open();
    await Promise.all(all);
    await world.tracker.flush();
    expect(new Set([...world.points.values()].map(({ task_id }) => task_id)).size).toBe(40);
  });

  it('waits for a store that is away, and goes on', async () => {
    const world = openWorld();
    const id = await world.task();
    world.fail = new Fault('STORE_UNAVAILABLE', 'away', { mend: 'wait' });
    await world.tracker.follow(id);
    await new Promise((resolve) => setTimeout(resolve, 0));
    world.fail = null;
    await world.tracker.flush();
    if (world.points.size === 0) await world.tracker.catchUp(0, never);
    expect(world.points.size).toBe(2);
  });

  it('gives up a story that cannot be told, says so, tells the others, and finds it again later', async () => {
    const world = openWorld();
    const [bad, good] = [await world.task(), await world.task()];
    world.fail = new Fault('STORE_FAILED', 'refused', { mend: 'look' });
    await world.tracker.follow(bad);
    await world.tracker.flush();
    expect(world.trouble.join('\n')).toContain(bad);
    world.fail = null;
    await world.tracker.follow(good);
    await world.tracker.flush();
    expect(await world.tracker.catchUp(0, never)).toBe(1);
    expect(new Set([...world.points.values()].map(({ task_id }) => task_id))).toEqual(new Set([bad, good]));
  });
});
