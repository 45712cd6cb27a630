import type { ExecutorSlot } from './executor-slot.js';

/** Something that is done every so often by one worker of all. */
export interface Schedule {
  readonly name: string;
  readonly everyMs: number;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Runs the schedules until it is stopped. Who claims a turn first runs it; a turn that nobody took is not made up for. */
export function runSchedules(slot: ExecutorSlot, schedules: readonly Schedule[]): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const busy = new Map<string, Promise<void>>();
  const timers = schedules.map((schedule) => {
    const turn = async (): Promise<void> => {
      try {
        if (await claim(slot, schedule)) await schedule.run(stopping.signal);
      } catch {
        // The next turn tries again: what a schedule does is found by looking, never lost.
      } finally {
        busy.delete(schedule.name);
      }
    };
    return setInterval(
      () => {
        if (!busy.has(schedule.name) && !stopping.signal.aborted) busy.set(schedule.name, turn());
      },
      Math.max(250, Math.floor(schedule.everyMs / 2)),
    );
  });
  return {
    async stop() {
      stopping.abort(new Error('the engine stops'));
      for (const timer of timers) clearInterval(timer);
      await Promise.all(busy.values());
    },
  };
}

async function claim(slot: ExecutorSlot, { name, everyMs }: Schedule): Promise<boolean> {
  // The database's clock, so that workers of several hosts agree.
  const now = '(extract(epoch from clock_timestamp()) * 1000)::bigint';
  const rows = await slot.query(
    `insert into arbiter.schedules as s (name, last_ms) values ($1, ${now})
     on conflict (name) do update set last_ms = ${now} where s.last_ms <= ${now} - $2 or s.last_ms > ${now}
     returning name`,
    [name, everyMs],
  );
  return rows.length > 0;
}
