import type { Pool } from 'pg';

/** Workflows that this process runs right now, each with the switch that stops it. */
export interface Running {
  enter(id: string): AbortSignal;
  leave(id: string): void;
  /** Stops one because it was cancelled. */
  cancel(id: string): void;
  stopAll(reason: Error): void;
  /** Stops those that the database says were cancelled: words may be lost, rows are not. */
  look(pool: Pool): Promise<void>;
  readonly size: number;
  /** Settles when none is left. */
  empty(): Promise<void>;
}

/** Keeps the running workflows of one engine. */
export function createRunning(): Running {
  const running = new Map<string, AbortController>();
  let waiting: (() => void)[] = [];
  const stop = (id: string, reason: Error): void => running.get(id)?.abort(reason);
  return {
    enter(id) {
      const controller = new AbortController();
      running.set(id, controller);
      return controller.signal;
    },
    leave(id) {
      running.delete(id);
      if (running.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    cancel: (id) => stop(id, new Error('the workflow was cancelled')),
    stopAll(reason) {
      for (const controller of running.values()) controller.abort(reason);
    },
    async look(pool) {
      if (running.size === 0) return;
      const { rows } = await pool.query<{ id: string }>(
        `select workflow_uuid as id from dbos.workflow_status where workflow_uuid = any($1) and status = 'CANCELLED'`,
        [[...running.keys()]],
      );
      for (const { id } of rows) stop(id, new Error('the workflow was cancelled'));
    },
    get size() {
      return running.size;
    },
    empty: () => (running.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
