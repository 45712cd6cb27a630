import type { Pool } from 'pg';

/** Workflows that this process runs right now, each with the switch that stops it. */
export interface Running {
  /** Stopped from the beginning once all are: the engine may still begin one while it is being shut down. */
  enter(id: string): AbortSignal;
  leave(signal: AbortSignal): void;
  /** Stops one because it was cancelled. */
  cancel(id: string): void;
  /** Stops all that run, and all that ever will. */
  stopAll(reason: Error): void;
  /** Stops what the database says was cancelled, or is another executor's by now: words may be lost, rows are not. */
  look(pool: Pool, incarnation: string): Promise<void>;
  /** Settles when none is left. */
  empty(): Promise<void>;
}

/** Keeps the running workflows of one engine. One that was given back and came again runs twice for a moment. */
export function createRunning(): Running {
  const running = new Map<AbortSignal, { readonly id: string; readonly controller: AbortController }>();
  let waiting: (() => void)[] = [];
  let stopped: Error | null = null;
  const stop = (id: string, why: string): void => {
    for (const one of running.values()) if (one.id === id) one.controller.abort(new Error(why));
  };
  return {
    enter(id) {
      const controller = new AbortController();
      running.set(controller.signal, { id, controller });
      if (stopped !== null) controller.abort(stopped);
      return controller.signal;
    },
    leave(signal) {
      running.delete(signal);
      if (running.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    cancel: (id) => stop(id, 'the workflow was cancelled'),
    stopAll(reason) {
      stopped = reason;
      for (const { controller } of running.values()) controller.abort(reason);
    },
    async look(pool, incarnation) {
      if (running.size === 0) return;
      const { rows } = await pool.query<{ id: string }>(
        `select workflow_uuid as id from dbos.workflow_status
         where workflow_uuid = any($1) and (status <> 'PENDING' or executor_id <> $2)`,
        [[...running.values()].map(({ id }) => id), incarnation],
      );
      for (const { id } of rows) stop(id, 'the workflow was cancelled or taken over');
    },
    empty: () => (running.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
