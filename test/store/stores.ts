import { randomBytes } from 'node:crypto';
import { makeUlid } from '../../src/core/ids.js';
import { newTask, type Task, type TaskRequest } from '../../src/core/tasks/task.js';
import { openStores, type OpenDatabase } from '../../src/adapters/postgres/open-database.js';
import type { TestDatabase } from './cluster.js';

/** A task as somebody just asked for it. */
export function aTask(request: Partial<TaskRequest> = {}, more: Partial<Task> = {}): Task {
  const nowMs = Date.now();
  const id = more.id ?? makeUlid(nowMs, new Uint8Array(randomBytes(10)));
  const whole: TaskRequest = {
    words: 'make it so',
    repository: '/home/somebody/project',
    spec: null,
    agents: [],
    base: null,
    candidates: 1,
    bounds: { micro_usd: 1_000_000, tokens: null, turns: 30, wall_ms: 600_000 },
    priority: 500,
    deadline_ms: null,
    dedup_key: null,
    refinements: 2,
    key: null,
    ...request,
  };
  return { ...newTask(id, whole, nowMs), ...more };
}

export const submitted = { type: 'task-submitted', at_ms: 1_700_000_000_000 } as const;

/** Opens the stores of a test's database by the role that Arbiter works as. */
export function openTestStores(
  urls: TestDatabase,
  more: { patienceMs?: number; prepareEngine?: (ownerUrl: string) => Promise<void> } = {},
): Promise<OpenDatabase> {
  const nothing = (): Promise<void> => Promise.resolve();
  const place = { kind: 'external', address: 'test', ...urls, revive: nothing, leave: nothing } as const;
  return openStores(place, { patienceMs: 5000, ...more });
}
