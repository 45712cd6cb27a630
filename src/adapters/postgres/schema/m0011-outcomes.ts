import { sql, type Migration } from 'kysely';

/**
 * Sums of the router's outcomes, kept with each outcome, so that a decision reads a row a place and not all history; and
 * which outcomes that came late the router and the registry have learned.
 */
export const outcomesMigration: Migration = {
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

const statements: readonly string[] = [
  `alter table arbiter.route_outcomes add column mends integer not null default 0 check (mends >= 0)`,
  // Whole numbers, rewards in millionths: sums in any order are the same, and what was added can be taken back.
  `create table arbiter.route_sums (
    arm text collate "C" not null,
    surface text collate "C" not null,
    complexity text collate "C" not null,
    repository text collate "C" not null,
    outcomes bigint not null,
    reward_millionths bigint not null,
    cost_micro_usd bigint not null,
    latency_ms bigint not null,
    primary key (arm, surface, complexity, repository)
  ) with (fillfactor = 60)`,
  // What the sums have to be. They are checked and mended against it.
  `create view arbiter.route_sums_afresh as
    select o.arm collate "C" as arm, (d.decision ->> 'surface') collate "C" as surface,
      (d.decision ->> 'complexity') collate "C" as complexity, d.repository collate "C" as repository,
      count(*) as outcomes, sum(round(o.reward * 1000000)::bigint)::bigint as reward_millionths,
      sum(o.cost_micro_usd)::bigint as cost_micro_usd, sum(o.latency_ms)::bigint as latency_ms
    from (select distinct on (decision_id, arm) * from arbiter.route_outcomes order by decision_id, arm, revision desc) o
    join arbiter.route_decisions d on d.id = o.decision_id where o.reward is not null group by 1, 2, 3, 4`,
  `insert into arbiter.route_sums select * from arbiter.route_sums_afresh`,
  // By statement, so that a restore sums what it writes at once. In one order, so that none waits for one who waits for it.
  `create function arbiter.keep_route_sums() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
  begin
    insert into arbiter.route_sums as s
      select c.arm, d.decision ->> 'surface', d.decision ->> 'complexity', d.repository, sum(c.sign),
        sum(c.sign * round(c.reward * 1000000)::bigint), sum(c.sign * c.cost_micro_usd), sum(c.sign * c.latency_ms)
      from (
        (select distinct on (o.decision_id, o.arm) o.decision_id, o.arm, o.reward, o.cost_micro_usd, o.latency_ms, 1 as sign
          from arbiter.route_outcomes o join (select distinct decision_id, arm from added) t
            on o.decision_id = t.decision_id and o.arm = t.arm
          order by o.decision_id, o.arm, o.revision desc)
        union all
        (select distinct on (o.decision_id, o.arm) o.decision_id, o.arm, o.reward, o.cost_micro_usd, o.latency_ms, -1
          from arbiter.route_outcomes o join (select distinct decision_id, arm from added) t
            on o.decision_id = t.decision_id and o.arm = t.arm
          where not exists (select from added a where a.decision_id = o.decision_id and a.arm = o.arm and a.revision = o.revision)
          order by o.decision_id, o.arm, o.revision desc)
      ) c join arbiter.route_decisions d on d.id = c.decision_id
      where c.reward is not null group by 1, 2, 3, 4 order by 1, 2, 3, 4
      on conflict (arm, surface, complexity, repository) do update set
        outcomes = s.outcomes + excluded.outcomes,
        reward_millionths = s.reward_millionths + excluded.reward_millionths,
        cost_micro_usd = s.cost_micro_usd + excluded.cost_micro_usd,
        latency_ms = s.latency_ms + excluded.latency_ms;
    return null;
  end $$`,
  `create trigger keep_sums after insert on arbiter.route_outcomes referencing new table as added
    for each statement execute function arbiter.keep_route_sums()`,
  // Late outcomes that were learned elsewhere too: what is not in here is learned by whoever looks next.
  `create table arbiter.late_learned (
    task_id text collate "C" not null,
    attempt integer not null,
    candidate integer not null,
    revision integer not null,
    primary key (task_id, attempt, candidate, revision)
  )`,
];
