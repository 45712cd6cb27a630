import { setTimeout as sleep } from 'node:timers/promises';
import type { Task } from '../../src/core/tasks/task.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { isResting } from './judge-tasks.js';

/** Longer than any back-off, deadline or sweep: whoever has not moved by then never will. */
const stallMs = 45_000;

/**
 * Waits until every task rests. A slow machine is waited for as long as any task moves.
 * @throws when none has moved for 45 s or the time is over, with what stands where
 */
export async function untilAtRest(runtime: OpenRuntime, maxMs: number): Promise<void> {
  const end = Date.now() + maxMs;
  let moved = { at: Date.now(), mark: '' };
  for (;;) {
    const open = (await runtime.tasks.list({ limit: 10_000 })).filter((task) => !isResting(task));
    if (open.length === 0) return;
    const mark = open.map(({ id, updated_ms: at }) => `${id}${at}`).join();
    if (mark !== moved.mark) moved = { at: Date.now(), mark };
    if (Date.now() - moved.at > stallMs || Date.now() > end) throw new Error(await describe(runtime, open, moved.at));
    await sleep(200);
  }
}

async function describe(runtime: OpenRuntime, open: readonly Task[], movedMs: number): Promise<string> {
  const lines = [`${open.length} tasks do not come to rest; the last moved ${Date.now() - movedMs} ms ago`];
  for (const task of open.slice(0, 8)) {
    const events = await runtime.tasks.readEvents(task.id);
    const legs = await runtime.engine.list({ prefix: `leg/${task.id}/` });
    lines.push(
      `${task.id} (${task.request.agents.join()}) is ${task.state} after ${events.map(({ event }) => event.type).join(' ')}`,
      ...legs.map(({ id, state, executor, lane }) => `  ${id} ${state} ${executor ?? ''} ${lane ?? ''}`),
    );
  }
  return lines.join('\n');
}
