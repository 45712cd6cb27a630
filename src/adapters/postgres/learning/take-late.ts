import type { PoolClient } from 'pg';
import { type AdmittedOutcome, type KnownExecution, admitOutcome } from '../../../core/learning/admit-outcome.js';
import { type Outcome, outcomeSchema } from '../../../core/learning/outcome.js';
import { ulidMs } from '../../../core/ids.js';
import type { Connection } from '../connection.js';
import { monthOf } from './months.js';

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
