import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Connection, Statement } from './connection.js';
import { sessionConfig } from './connection.js';

/** Says that tasks have changed, to this process and to every other one. */
export interface Notices {
  /** Told to others soon, many at once: a NOTIFY of its own in each transaction would make commits wait for each other. */
  publish(taskId: string): void;
  /** Calls `changed` after a task (null: any) has changed, also now and then when none has. Settles when the signal fires. */
  watch(taskId: string | null, changed: () => void, signal: AbortSignal): Promise<void>;
  /** Says what is still unsaid, and closes the connection. */
  close(): Promise<void>;
}

export interface NoticesOptions {
  readonly url: string;
  readonly connection: Connection;
  /** Brings the server back when it is gone; may fail. */
  readonly revive: () => Promise<void>;
}

const channel = 'arbiter_task';
/** What is said of the registry of agents. No task's id, so that who watches tasks is not woken by it. */
export const registryTopic = '@registry';
const gatherMs = 20;
/** When nothing is heard: a process that died between its commit and its word to the others is noticed by looking. */
const pollMs = 2000;
const lastWordMs = 1000;

const notify: Statement = {
  name: 'arbiter-notify',
  text: `select pg_notify('${channel}', id) from unnest($1::text[]) id`,
};
const places: Statement = {
  name: 'arbiter-places',
  text: `select id, seq || '/' || coalesce((select max(l.id) from arbiter.task_log l where l.task_id = t.id), 0) as place
    from arbiter.tasks t where id = any($1)`,
};

interface Watcher {
  readonly taskId: string | null;
  readonly changed: () => void;
  /** What the last look saw. */
  place: string | null;
}

/** Opens the listening connection, which also keeps the embedded server from being stopped by others. */
export async function openNotices(options: NoticesOptions): Promise<Notices> {
  const watchers = new Set<Watcher>();
  const unsaid = new Set<string>();
  let gathering: Promise<void> | null = null;
  let polling: NodeJS.Timeout | null = null;
  let closed = false;
  const closing = new AbortController();

  const tell = (taskId: string | null): void => {
    for (const watcher of watchers) {
      const isForAll = watcher.taskId === null && taskId !== registryTopic;
      if (taskId === null || isForAll || watcher.taskId === taskId) watcher.changed();
    }
  };
  const say = async (): Promise<void> => {
    const ids = [...unsaid];
    unsaid.clear();
    // Others then see it at their next look.
    if (ids.length > 0) await options.connection.run(notify, [ids]).catch(() => undefined);
  };
  const look = async (): Promise<void> => {
    const ids = [...watchers].map((watcher) => watcher.taskId).filter((id) => id !== null);
    const rows =
      ids.length === 0 ? [] : (await options.connection.run<{ id: string; place: string }>(places, [ids])).rows;
    const seen = new Map(rows.map((row) => [row.id, row.place]));
    for (const watcher of watchers) {
      const place = watcher.taskId === null ? null : (seen.get(watcher.taskId) ?? null);
      const moved = watcher.taskId === null || (place !== watcher.place && watcher.place !== null);
      watcher.place = place;
      if (moved) watcher.changed();
    }
  };
  const poll = (): void => {
    polling ??= setInterval(() => void look().catch(() => undefined), pollMs);
    if (watchers.size > 0) return;
    clearInterval(polling);
    polling = null;
  };

  let listener = await listen(options.url, tell);
  const keep = async (): Promise<void> => {
    for (;;) {
      await listener.lost;
      for (let tries = 0; !closed; tries += 1) {
        await options.revive().catch(() => undefined);
        const next = await listen(options.url, tell).catch(() => null);
        if (next !== null) {
          listener = next;
          // What was said meanwhile was not heard.
          tell(null);
          break;
        }
        await sleep(Math.min(1000, 25 * 2 ** tries), undefined, { ref: false });
      }
      if (closed) return;
    }
  };
  const kept = keep();

  return {
    publish(taskId) {
      tell(taskId);
      unsaid.add(taskId);
      gathering ??= sleep(gatherMs).then(async () => {
        gathering = null;
        await say();
      });
    },
    async watch(taskId, changed, signal) {
      if (signal.aborted || closed) return;
      const watcher: Watcher = { taskId, changed, place: null };
      watchers.add(watcher);
      poll();
      await waitFor(AbortSignal.any([signal, closing.signal]));
      watchers.delete(watcher);
      poll();
    },
    async close() {
      if (closed) return;
      closed = true;
      // From now on nobody brings a lost server back: what cannot be said soon, others see at their next look.
      await Promise.race([gathering, sleep(lastWordMs, undefined, { ref: false })]);
      closing.abort();
      await listener.end();
      await kept;
    },
  };
}

function waitFor(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** @throws what keeps it from connecting */
async function listen(
  url: string,
  heard: (taskId: string) => void,
): Promise<{ readonly lost: Promise<void>; end(): Promise<void> }> {
  const client = new Client({ ...sessionConfig(url), application_name: 'arbiter-listener' });
  const lost = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
    client.on('end', () => resolve());
  });
  client.on('notification', (notice) => heard(notice.payload ?? ''));
  try {
    await client.connect();
    await client.query(`listen ${channel}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return { lost, end: () => client.end().catch(() => undefined) };
}
