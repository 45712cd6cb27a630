import { Fault } from '../../../core/fault.js';
import type { DataPoint } from '../../../core/learning/data-point.js';
import type { PointFaultCode } from '../../../ports/point-store.js';
import type { Connection, Statement } from '../connection.js';

const ensure: Statement = {
  name: 'arbiter-points-month',
  text: 'select arbiter.ensure_points_month($1) as open',
};

const firstMs = Date.UTC(2020, 0);
const endMs = Date.UTC(2100, 0);

/** `2026-11`, in UTC. */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

/** The months of points, as this process last saw them. */
export interface Months {
  /** Months of the points that take points, made where they were not; folded ones are left out. @throws POINT_INSTANT_INVALID */
  open(points: readonly DataPoint[]): Promise<ReadonlySet<string>>;
  forget(): void;
  /** @throws MONTH_OPEN */
  refuseOpen(month: string, nowMs: number): void;
}

/** What is known of months; a month is asked for once. */
export function createMonths(connection: Connection): Months {
  let known = new Set<string>();
  return {
    async open(points) {
      const wanted = new Set(points.map(monthOfPoint));
      const open = new Set<string>();
      for (const month of wanted) {
        if (!known.has(month)) {
          const { rows } = await connection.run<{ open: boolean }>(ensure, [month]);
          if (rows[0]?.open !== true) continue;
          known.add(month);
        }
        open.add(month);
      }
      return open;
    },
    forget() {
      known = new Set();
    },
    refuseOpen(month, nowMs) {
      if (month < monthOf(nowMs)) return;
      throw new Fault<PointFaultCode>('MONTH_OPEN', `month ${month} is not over`, {
        mend: 'fold it once the next one has begun',
      });
    },
  };
}

function monthOfPoint({ at_ms: atMs, task_id: taskId, step }: DataPoint): string {
  if (atMs >= firstMs && atMs < endMs) return monthOf(atMs);
  throw new Fault<PointFaultCode>(
    'POINT_INSTANT_INVALID',
    `step ${step} of task ${taskId} is said to be at ${atMs} ms, which lies outside the years 2020 to 2099`,
    { mend: 'set the clock of the machine that ran it; the task itself is not touched by this' },
  );
}
