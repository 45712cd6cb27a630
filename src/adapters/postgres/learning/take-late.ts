import type { PoolClient } from 'pg';
import { type AdmittedOutcome, type KnownExecution, admitOutcome } from '../../../core/learning/admit-outcome.js';
import { type Outcome, outcomeSchema } from '../../../core/learning/outcome.js';
import { ulidMs } from '../../../core/ids.js';
import type { Connection, Statement } from '../connection.js';
import { monthOf } from './months.js';

const late: Statement = {
  name: 'arbiter-late-outcomes',
  text: `select outcome::text as outcome from arbiter.late_outcomes where task_id = $1
    order by attempt, candidate, revision`,
};
const unlearned: Statement = {
  name: 'arbiter-late-unlearned',
  text: `select l.task_id from arbiter.late_outcomes l where l.outcome ->> 'decision_id' is not null and not exists (
      select from arbiter.late_learned d where d.task_id = l.task_id and d.attempt = l.attempt
        and d.candidate = l.candidate and d.revision = l.revision
    ) group by l.task_id order by min(l.taken_ms), l.task_id limit $1`,
};
const learned: Statement = {
  name: 'arbiter-late-learned',
  text: `insert into arbiter.late_learned (task_id, attempt, candidate, revision)
    select * from unnest($1::text[], $2::integer[], $3::integer[], $4::integer[]) on conflict do nothing`,
};

/** Executions of one task come one after the other, over all processes: a revision is judged against the newest. */
const begin = 'begin isolation level read committed';

/** Each outcome in a transaction of its own: a lost connection leaves those before it taken, and they then are duplicates. */
export async function takeLate(
  connection: Connection,
  outcomes: readonly Outcome[],
  nowMs: number,
): Promise<readonly AdmittedOutcome[]> {
  const answers: AdmittedOutcome[] = [];
  for (const outcome of outcomes) {
    answers.push(await connection.transact(begin, (client) => takeOne(client, outcome, nowMs)));
  }
  return answers;
}

async function takeOne(client: PoolClient, outcome: Outcome, nowMs: number): Promise<AdmittedOutcome> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('arbiter.outcomes ' || $1, 0))`, [outcome.task_id]);
  const known = await readKnown(client, outcome);
  const answer = admitOutcome(known, outcome, nowMs);
  if (answer.outcome !== null) await store(client, answer.outcome, answer.skewMs, nowMs);
  return answer;
}

async function readKnown(client: PoolClient, outcome: Outcome): Promise<KnownExecution | null> {
  const { task_id: taskId, attempt, candidate } = outcome;
  const startedMs = ulidMs(taskId);
  const { rows } = await client.query<{ outcome: string }>(
    `select outcome::text as outcome from (
      select revision, 0 as rank, point->'outcome' as outcome from arbiter.data_points
        where task_id = $1 and kind = 'outcome' and attempt = $2 and candidate = $3
      union all select revision, 1, outcome from arbiter.late_outcomes
        where task_id = $1 and attempt = $2 and candidate = $3
    ) told order by revision desc, rank limit 1`,
    [taskId, attempt, candidate],
  );
  const [row] = rows;
  if (row !== undefined) {
    const latest = outcomeSchema.parse(JSON.parse(row.outcome));
    return { startedMs, agent: latest.arm.agent, decisionId: latest.decision_id, isFolded: false, latest };
  }
  const begun = await readBegun(client, outcome);
  if (begun !== null) return { startedMs, ...begun, isFolded: false, latest: null };
  if (!(await isFolded(client, taskId))) return null;
  return { startedMs, agent: outcome.arm.agent, decisionId: outcome.decision_id, isFolded: true, latest: null };
}

/** Work that was begun and came to no outcome, such as a question to a human. */
async function readBegun(
  client: PoolClient,
  { task_id: taskId, attempt, candidate }: Outcome,
): Promise<Pick<KnownExecution, 'agent' | 'decisionId'> | null> {
  const { rows } = await client.query<{ agent: string; decision: string | null }>(
    `select point->>'agent' as agent, point->>'decision_id' as decision from arbiter.data_points
      where task_id = $1 and attempt = $2 and candidate = $3 and kind in ('execution', 'plan') limit 1`,
    [taskId, attempt, candidate],
  );
  return rows[0] === undefined ? null : { agent: rows[0].agent, decisionId: rows[0].decision };
}

/** Told to its end, and not there any more: its month was folded. */
async function isFolded(client: PoolClient, taskId: string): Promise<boolean> {
  const { rows } = await client.query(
    `select from arbiter.tracked t join arbiter.point_months m on m.month >= $2 where t.task_id = $1 limit 1`,
    [taskId, monthOf(ulidMs(taskId))],
  );
  return rows.length > 0;
}

async function store(client: PoolClient, outcome: Outcome, skewMs: number, nowMs: number): Promise<void> {
  const { task_id, attempt, candidate, revision, at_ms } = outcome;
  await client.query(
    `insert into arbiter.late_outcomes (task_id, attempt, candidate, revision, at_ms, skew_ms, taken_ms, outcome)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [task_id, attempt, candidate, revision, at_ms, skewMs, nowMs, JSON.stringify(outcome)],
  );
}

/** All outcomes from outside of a task. */
export async function readLate(connection: Connection, taskId: string): Promise<readonly Outcome[]> {
  const { rows } = await connection.run<{ outcome: string }>(late, [taskId]);
  return rows.map(({ outcome }) => outcomeSchema.parse(JSON.parse(outcome)));
}

/** Tasks with outcomes from outside that nobody has noted as learned. */
export async function readUnlearned(connection: Connection, limit: number): Promise<readonly string[]> {
  const { rows } = await connection.run<{ task_id: string }>(unlearned, [limit]);
  return rows.map((row) => row.task_id);
}

/** Notes outcomes from outside as learned. */
export async function noteLearned(connection: Connection, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length === 0) return;
  await connection.run(learned, [
    outcomes.map(({ task_id }) => task_id),
    outcomes.map(({ attempt }) => attempt),
    outcomes.map(({ candidate }) => candidate),
    outcomes.map(({ revision }) => revision),
  ]);
}
