import { isFault } from '../../../core/fault.js';
import type { DataPoint } from '../../../core/learning/data-point.js';
import type { FoldedRow, PointStore, Told } from '../../../ports/point-store.js';
import type { Connection, Statement } from '../connection.js';
import { createMonths, monthOf } from './months.js';
import { readOutcomes, readPoints } from './read-points.js';
import { readState } from './read-state.js';
import { noteLearned, readLate, readUnlearned, takeLate } from './take-late.js';

/** Points of one statement: a few hundred kilobytes. */
const mostInOne = 2000;

/**
 * Columns come as texts with separators: a driver's arrays would escape each quote of the points, and the server would take
 * each escape away again. Ids, kinds and names hold no comma, JSON no line feed.
 */
const write: Statement = {
  name: 'arbiter-points-write',
  text: `with written as (
    insert into arbiter.data_points (task_id, step, kind, at_ms, attempt, candidate, revision, missing, point)
      select p.task_id, p.step, p.kind, p.at_ms, p.attempt, p.candidate, p.revision,
        coalesce(string_to_array(p.missing, ' '), '{}'), p.point::json
      from unnest(string_to_array($1, ','), string_to_array($2, ',')::integer[], string_to_array($3, ','),
        string_to_array($4, ',')::bigint[], string_to_array($5, ',')::integer[], string_to_array($6, ',', '')::integer[],
        string_to_array($7, ',', '')::integer[], string_to_array($8, ','), string_to_array($9, E'\\n'))
        as p(task_id, step, kind, at_ms, attempt, candidate, revision, missing, point)
      on conflict do nothing returning 1
  ), told as (
    insert into arbiter.tracked (task_id, step)
      select t.task_id, t.step from unnest($10::text[], $11::integer[]) as t(task_id, step) order by t.task_id
      on conflict (task_id) do update set step = excluded.step where tracked.step < excluded.step
  )
  select count(*) as written from written`,
};
const told: Statement = {
  name: 'arbiter-points-told',
  text: 'select task_id, step from arbiter.tracked where task_id = any($1)',
};
const behind: Statement = {
  name: 'arbiter-points-behind',
  text: `select t.id from arbiter.tasks t left join arbiter.tracked k on k.task_id = t.id
    where t.seq > coalesce(k.step, 0) and t.updated_ms <= $1 order by t.id limit $2`,
};
const fold: Statement = {
  name: 'arbiter-points-fold',
  text: 'select points, sums from arbiter.fold_points($1, $2)',
};
const folded: Statement = {
  name: 'arbiter-points-folded',
  text: `select month, agent, version, model, surface, verdict, outcomes, reward, cost_micro_usd as "costMicroUsd",
    latency_ms as "latencyMs", input_tokens as "inputTokens", output_tokens as "outputTokens"
    from arbiter.point_sums order by month, agent, version, surface, verdict`,
};

/** Data points on PostgreSQL, in one partition a month. */
export function createPointStore(connection: Connection): PointStore {
  const months = createMonths(connection);
  const writeSome = async (points: readonly DataPoint[], done: readonly Told[], isAgain = false): Promise<number> => {
    const open = await months.open(points);
    // In one order, so that two processes that tell the same stories do not wait for each other's rows.
    const kept = points
      .filter((point) => open.has(monthOf(point.at_ms)))
      .toSorted((a, b) => (a.task_id < b.task_id ? -1 : a.task_id > b.task_id ? 1 : a.step - b.step));
    try {
      const { rows } = await connection.run<{ written: number }>(write, columnsOf(kept, done));
      return rows[0]?.written ?? 0;
    } catch (error) {
      // Another process may have folded the month since it was looked at.
      if (isAgain || !isFault(error, 'STORE_FAILED') || !/no partition of relation/.test(error.message)) throw error;
      months.forget();
      return writeSome(points, done, true);
    }
  };
  return {
    async write(points, done) {
      let written = 0;
      // How far they go is said with the last of them: what stands before is then there.
      for (let from = 0; from === 0 || from < points.length; from += mostInOne) {
        const isLast = from + mostInOne >= points.length;
        written += await writeSome(points.slice(from, from + mostInOne), isLast ? done : []);
      }
      return written;
    },
    async told(taskIds) {
      const { rows } = await connection.run<{ task_id: string; step: number }>(told, [taskIds]);
      return new Map(rows.map((row) => [row.task_id, row.step]));
    },
    async behind(quietMs, nowMs, limit) {
      const { rows } = await connection.run<{ id: string }>(behind, [nowMs - quietMs, limit]);
      return rows.map(({ id }) => id);
    },
    state: () => readState(connection),
    read: (filter) => readPoints(connection, filter),
    readOutcomes: (filter) => readOutcomes(connection, filter),
    takeLate: (outcomes, nowMs) => takeLate(connection, outcomes, nowMs),
    late: (taskId) => readLate(connection, taskId),
    unlearned: (limit) => readUnlearned(connection, limit),
    noteLearned: (outcomes) => noteLearned(connection, outcomes),
    async fold(month, nowMs) {
      months.refuseOpen(month, nowMs);
      const { rows } = await connection.run<{ points: number; sums: number }>(fold, [month, nowMs]);
      months.forget();
      return { points: rows[0]?.points ?? 0, rows: rows[0]?.sums ?? 0 };
    },
    async folded() {
      return (await connection.run<FoldedRow>(folded, [])).rows;
    },
  };
}

function columnsOf(points: readonly DataPoint[], done: readonly Told[]): readonly unknown[] {
  const executionOf = (point: DataPoint): { attempt: number; candidate: number | null; revision: number | null } =>
    point.kind === 'outcome' ? point.outcome : { ...point, revision: null };
  const executions = points.map(executionOf);
  return [
    points.map((point) => point.task_id).join(','),
    points.map((point) => point.step).join(','),
    points.map((point) => point.kind).join(','),
    points.map((point) => point.at_ms).join(','),
    executions.map(({ attempt }) => attempt).join(','),
    executions.map(({ candidate }) => candidate).join(','),
    executions.map(({ revision }) => revision).join(','),
    points.map((point) => point.missing.join(' ')).join(','),
    points.map((point) => JSON.stringify(point)).join('\n'),
    done.map(({ taskId }) => taskId),
    done.map(({ step }) => step),
  ];
}
