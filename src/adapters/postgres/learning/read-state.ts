import type { TrackedState } from '../../../ports/point-store.js';
import type { Connection, Statement } from '../connection.js';

const counts: Statement = {
  name: 'arbiter-points-state',
  text: `select
    (select count(*) from arbiter.tasks) as tasks,
    (select count(*) from arbiter.tasks t left join arbiter.tracked k on k.task_id = t.id
      where t.seq > coalesce(k.step, 0)) as behind,
    (select count(*) from arbiter.data_points where kind = 'outcome' and cardinality(missing) = 0) as whole,
    (select count(*) from arbiter.late_outcomes) as late,
    (select count(*) from arbiter.data_points where kind = 'end') as ended,
    (select count(*) from arbiter.data_points e where e.kind = 'end' and not exists (
      select from arbiter.data_points o where o.task_id = e.task_id and o.kind = 'outcome' and cardinality(o.missing) > 0
    )) as complete`,
};
const byKind: Statement = {
  name: 'arbiter-points-by-kind',
  text: `select kind as name, count(*) as count from arbiter.data_points group by kind
    union all select 'missing:' || m, count(*) from arbiter.data_points, unnest(missing) m group by m
    union all select 'removed:' || r.key, sum(r.value::bigint)::bigint from arbiter.data_points,
      json_each_text(point->'removed') r where point->>'removed' <> '{}' group by r.key
    order by 1`,
};
const months: Statement = {
  name: 'arbiter-points-months',
  text: `select to_char(to_timestamp(at_ms / 1000.0) at time zone 'UTC', 'YYYY-MM') as month, count(*) as points, false as folded
      from arbiter.data_points group by 1
    union all select month, points, true from arbiter.point_months order by month`,
};

type Counts = Record<'tasks' | 'behind' | 'whole' | 'late' | 'ended' | 'complete', number>;

/** Counts what is there; it looks through all points, which takes its time where there are many. */
export async function readState(connection: Connection): Promise<TrackedState> {
  const { rows } = await connection.run<Counts>(counts, []);
  const named = await connection.run<{ name: string; count: number }>(byKind, []);
  const ofMonths = await connection.run<TrackedState['months'][number]>(months, []);
  const under = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      named.rows
        .filter(({ name }) => (prefix === '' ? !name.includes(':') : name.startsWith(prefix)))
        .map(({ name, count }) => [name.slice(prefix.length), Number(count)]),
    );
  const found = rows[0] ?? { tasks: 0, behind: 0, whole: 0, late: 0, ended: 0, complete: 0 };
  return {
    tasks: found.tasks,
    behind: found.behind,
    points: under(''),
    missing: under('missing:'),
    removed: under('removed:'),
    wholeOutcomes: found.whole,
    lateOutcomes: found.late,
    ended: found.ended,
    complete: found.complete,
    months: ofMonths.rows,
  };
}
