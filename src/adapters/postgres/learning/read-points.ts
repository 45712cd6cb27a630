import { type DataPoint, dataPointSchema } from '../../../core/learning/data-point.js';
import { type Outcome, outcomeSchema } from '../../../core/learning/outcome.js';
import type { PointFilter } from '../../../ports/point-store.js';
import type { Connection, Statement } from '../connection.js';

const pageRows = 2000;

const page: Statement = {
  name: 'arbiter-points-page',
  text: `select at_ms, task_id, step, kind, point from arbiter.data_points
    where ($1::text[] is null or kind = any($1)) and at_ms >= $2 and at_ms < $3
      and (at_ms, task_id, step, kind) > ($4::bigint, $5::text, $6::integer, $7::text)
    order by at_ms, task_id, step, kind limit ${pageRows}`,
};

interface Row {
  readonly at_ms: number;
  readonly task_id: string;
  readonly step: number;
  readonly kind: string;
  readonly point: string;
}

const earliest = 0;
const latest = Number.MAX_SAFE_INTEGER;

/** Points page after page: what is written meanwhile behind the place that was reached is not seen. */
export async function* readPoints(
  connection: Connection,
  { kinds, sinceMs = earliest, untilMs = latest }: PointFilter,
): AsyncGenerator<readonly DataPoint[]> {
  let after: readonly unknown[] = [-1, '', 0, ''];
  for (;;) {
    const { rows } = await connection.run<Row>(page, [kinds ?? null, sinceMs, untilMs, ...after]);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ point }) => dataPointSchema.parse(JSON.parse(point)));
    if (rows.length < pageRows) return;
    after = [last.at_ms, last.task_id, last.step, last.kind];
  }
}

const outcomes: Statement = {
  name: 'arbiter-points-outcomes',
  text: `select newest.task_id, newest.attempt, newest.candidate, newest.outcome::text as outcome from (
      select distinct on (task_id, attempt, candidate) task_id, attempt, candidate, outcome from (
        select task_id, attempt, candidate, revision, 0 as rank, point->'outcome' as outcome from arbiter.data_points
          where kind = 'outcome' and at_ms >= $1 and at_ms < $2 and (task_id, attempt, candidate) > ($3, $4::integer, $5::integer)
        union all
        select l.task_id, l.attempt, l.candidate, l.revision, 1, l.outcome from arbiter.late_outcomes l
          where (l.task_id, l.attempt, l.candidate) > ($3, $4::integer, $5::integer) and exists (
            select from arbiter.data_points p where p.task_id = l.task_id and p.kind in ('outcome', 'execution', 'plan') and p.attempt = l.attempt
              and p.candidate = l.candidate and p.at_ms >= $1 and p.at_ms < $2)
      ) told order by task_id, attempt, candidate, revision desc, rank
    ) newest order by task_id, attempt, candidate limit ${pageRows}`,
};

interface OutcomeRow {
  readonly task_id: string;
  readonly attempt: number;
  readonly candidate: number;
  readonly outcome: string;
}

/** The newest word on each execution whose first was in that time, in the order of executions. */
export async function* readOutcomes(
  connection: Connection,
  { sinceMs = earliest, untilMs = latest }: Pick<PointFilter, 'sinceMs' | 'untilMs'>,
): AsyncGenerator<readonly Outcome[]> {
  let after: readonly unknown[] = ['', 0, -1];
  for (;;) {
    const { rows } = await connection.run<OutcomeRow>(outcomes, [sinceMs, untilMs, ...after]);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ outcome }) => outcomeSchema.parse(JSON.parse(outcome)));
    if (rows.length < pageRows) return;
    after = [last.task_id, last.attempt, last.candidate];
  }
}
