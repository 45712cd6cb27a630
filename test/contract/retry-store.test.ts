import { fc } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryRetries } from '../../src/adapters/memory/memory-retries.js';
import { createMemoryStores } from '../../src/adapters/memory/memory-stores.js';
import { makeUlid } from '../../src/core/ids.js';
import { retryWindowMs, withinRetryBudget } from '../../src/core/registry/retry.js';
import { request } from '../../src/core/tasks/fixtures/routed.js';
import { newTask } from '../../src/core/tasks/task.js';
import type { RetryCount, RetryStore } from '../../src/ports/retry-store.js';
import type { TaskStore } from '../../src/ports/task-store.js';
import { type Crowd, crowdPlaces } from '../store/places.js';

interface Stores {
  readonly tasks: TaskStore;
  readonly retries: RetryStore;
}
const places = await crowdPlaces<Stores>(8, createMemoryStores, ({ tasks, retries }) => ({ tasks, retries }));
const allows = ({ retries, tasks }: RetryCount): boolean => withinRetryBudget(retries, tasks);

let counted = 0;
const nextId = (): string => {
  counted += 1;
  return makeUlid(1_764_000_000_000, new Uint8Array([0, 0, 0, 0, 0, 0, 0, counted >> 16, counted >> 8, counted & 255]));
};

describe.each(places)('retries in $name', ({ skip, open }) => {
  let crowd: Crowd<Stores>;
  // Windows that do not touch each other keep what one test took from the next.
  let nowMs = 1_800_000_000_000;
  beforeAll(async () => {
    if (!skip) crowd = await open();
  });
  afterAll(() => crowd?.close());

  const storeAt = (index: number): Stores => {
    const found = crowd.stores[index % crowd.stores.length];
    if (found === undefined) throw new Error('the crowd is empty');
    return found;
  };
  const addTask = async (index = 0): Promise<void> => {
    const task = newTask(nextId(), request(), nowMs);
    await storeAt(index).tasks.create(task, { type: 'task-submitted', at_ms: nowMs }, { maxOpen: 100_000 });
  };
  const take = async (index = 0, taskId = nextId()): Promise<boolean> => {
    const retry = { taskId, attempt: 1, candidate: 0, atMs: nowMs };
    return (await storeAt(index).retries.take(retry, retryWindowMs, allows)).granted;
  };
  const later = (): void => void (nowMs += 2 * retryWindowMs);

  it.skipIf(skip)('grants the first ten, to however many ask at once, and no more', async () => {
    later();
    const granted = await Promise.all(Array.from({ length: 40 }, (_, index) => take(index)));
    expect(granted.filter(Boolean)).toHaveLength(10);
    expect(await take()).toBe(false);
    // An hour later they are forgotten.
    nowMs += retryWindowMs;
    expect(await take()).toBe(true);
  });

  it.skipIf(skip)('gives back the one that was taken before a crash, and takes no second one for it', async () => {
    later();
    const id = nextId();
    const before: boolean[] = [];
    for (let count = 0; count < 3; count += 1) before.push(await take(count, id));
    expect(before).toEqual([true, true, true]);
    const rest = await Promise.all(Array.from({ length: 20 }, (_, index) => take(index)));
    expect(rest.filter(Boolean)).toHaveLength(9);
    expect(await take(0, id)).toBe(true);
  });

  it.skipIf(skip)(
    'never grants more than a tenth of the tasks of the window, whatever comes in which order',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 8 }),
          async (steps) => {
            later();
            let tasks = 0;
            let granted = 0;
            for (const [isTask, many] of steps) {
              const all = Array.from({ length: many }, (_, index) => index);
              if (isTask) await Promise.all(all.map((index) => addTask(index)));
              else granted += (await Promise.all(all.map((index) => take(index)))).filter(Boolean).length;
              tasks += isTask ? many : 0;
              expect(granted).toBeLessThanOrEqual(Math.max(10, Math.ceil(tasks / 10)));
            }
          },
        ),
        { numRuns: 8 },
      );
    },
  );
});

it('a store whose tasks cannot be counted grants nothing', async () => {
  const retries = createMemoryRetries({ list: () => Promise.reject(new Error('away')) });
  const retry = { taskId: nextId(), attempt: 1, candidate: 0, atMs: 1 };
  await expect(retries.take(retry, retryWindowMs, () => true)).rejects.toThrow('away');
});
