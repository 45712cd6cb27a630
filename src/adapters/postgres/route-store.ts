import type { PoolClient } from 'pg';
import { armKey } from '../../core/routing/arm.js';
import { type RouteDecision, routeDecisionSchema } from '../../core/routing/decision.js';
import { unknownDecision } from '../../core/tasks/unknown-decision.js';
import type { ArmTally, Lesson, Relearn, RouteStore, RoutedOutcome } from '../../ports/route-store.js';
import type { Connection, Statement } from './connection.js';
import {
  type DecisionRow,
  type MemoryRow,
  type OutcomeRow,
  joinOutcomes,
  readMemory,
  toOutcome,
} from './route-rows.js';

const insertDecision: Statement = {
  name: 'arbiter-record-decision',
  text: `insert into arbiter.route_decisions (id, task_id, attempt, repository, scope, arm, at_ms, decision)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id`,
};
const standing: Statement = {
  name: 'arbiter-standing-decision',
  text: 'select decision, repository from arbiter.route_decisions where task_id = $1 and attempt = $2',
};
const pend: Statement = {
  name: 'arbiter-pend-arm',
  text: `insert into arbiter.route_memory as m (scope, arm, pending) values ($1, $2, 1)
    on conflict (scope, arm) do update set pending = m.pending + 1`,
};
const byId: Statement = {
  name: 'arbiter-decision',
  text: 'select decision, repository from arbiter.route_decisions where id = $1',
};
const ofTask: Statement = {
  name: 'arbiter-decisions-of-task',
  text: 'select decision, repository from arbiter.route_decisions where task_id = $1 order by attempt',
};
const ofSession: Statement = {
  name: 'arbiter-decision-of-session',
  text: `select decision, repository from arbiter.route_decisions
    where repository = $1 and (decision -> 'affinity' ->> 'session') = $2 and task_id <> $3
    order by at_ms desc, id desc limit 1`,
};
const newest: Statement = {
  name: 'arbiter-decisions',
  text: `select decision, repository from arbiter.route_decisions where at_ms >= $1 order by at_ms desc, id desc limit $2`,
};
const outcomeColumns = `decision_id, arm, revision, agent, verdict, reward, cost_micro_usd, latency_ms, failure, at_ms`;
const latest: Statement = {
  name: 'arbiter-latest-outcomes',
  text: `select distinct on (decision_id, arm) ${outcomeColumns} from arbiter.route_outcomes
    where decision_id = any($1::text[]) order by decision_id, arm, revision desc`,
};
const recall: Statement = {
  name: 'arbiter-recall',
  text: 'select arm, state, pending from arbiter.route_memory where scope = $1 and arm = any($2::text[])',
};
const unsettled: Statement = {
  name: 'arbiter-unsettled-decisions',
  text: `select d.task_id from arbiter.route_decisions d where not exists
    (select from arbiter.route_outcomes o where o.decision_id = d.id and o.arm = d.arm) order by d.at_ms limit $1`,
};
const tally: Statement = {
  name: 'arbiter-tally',
  text: `select o.arm, d.decision ->> 'surface' as surface, d.decision ->> 'complexity' as complexity, d.repository,
      count(*) as count, sum(o.reward) as reward, sum(o.cost_micro_usd)::bigint as cost, sum(o.latency_ms)::bigint as latency
    from (select distinct on (decision_id, arm) * from arbiter.route_outcomes where arm = any($1::text[])
      order by decision_id, arm, revision desc) o
    join arbiter.route_decisions d on d.id = o.decision_id where o.reward is not null group by 1, 2, 3, 4`,
};

/** The router's record and memory on PostgreSQL, shared by all processes that open the same database. */
export function createRouteStore(connection: Connection): RouteStore {
  const withOutcomes = async (statement: Statement, values: readonly unknown[]) => {
    const { rows } = await connection.run<DecisionRow>(statement, values);
    if (rows.length === 0) return [];
    const ids = rows.map((row) => (JSON.parse(row.decision) as RouteDecision).id);
    return joinOutcomes(rows, (await connection.run<OutcomeRow>(latest, [ids])).rows);
  };
  return {
    record: (decision, repository) =>
      connection.transact('begin', (client) => recordOnce(client, decision, repository)),
    async read(id) {
      const [found] = await withOutcomes(byId, [id]);
      if (found === undefined) throw unknownDecision(id);
      return found;
    },
    ofTask: (taskId) => withOutcomes(ofTask, [taskId]),
    async lastOfSession({ session, repository, beside }) {
      const [last] = await withOutcomes(ofSession, [repository, session, beside]);
      return last ?? null;
    },
    list: ({ sinceMs, limit }) => withOutcomes(newest, [sinceMs, limit]),
    async recall(scope, arms) {
      const { rows } = await connection.run<MemoryRow>(recall, [scope, [...arms]]);
      const isReadable = (row: MemoryRow): boolean => readMemory([row]) !== null;
      const memory = readMemory(rows.filter(isReadable)) ?? { arms: {}, pending: {} };
      return { memory, unreadable: rows.filter((row) => !isReadable(row)).map((row) => row.arm) };
    },
    settle: (outcome, scope, lesson) =>
      connection.transact('begin', (client) => settleOnce(client, outcome, scope, lesson)),
    mend: (scope, arm, relearn) => connection.transact('begin', (client) => mendOnce(client, scope, arm, relearn)),
    async unsettled(limit) {
      const { rows } = await connection.run<{ task_id: string }>(unsettled, [limit]);
      return [...new Set(rows.map((row) => row.task_id))];
    },
    async tally(arms) {
      const { rows } = await connection.run<TallyRow>(tally, [[...arms]]);
      return rows.map(({ cost, latency, ...row }) => ({ ...row, costMicroUsd: cost, latencyMs: latency }));
    },
  };
}

interface TallyRow extends Omit<ArmTally, 'costMicroUsd' | 'latencyMs'> {
  readonly cost: number;
  readonly latency: number;
}

async function recordOnce(client: PoolClient, decision: RouteDecision, repository: string): Promise<RouteDecision> {
  const { id, task_id: taskId, attempt, scope, at_ms: atMs } = decision;
  const arm = chosenKey(decision);
  const values = [id, taskId, attempt, repository, scope, arm, atMs, JSON.stringify(decision)];
  const { rows } = await client.query(insertDecision.text, values);
  if (rows.length > 0) {
    await client.query(pend.text, [scope, arm]);
    return decision;
  }
  const stands = await client.query<DecisionRow>(standing.text, [taskId, attempt]);
  return routeDecisionSchema.parse(JSON.parse(stands.rows[0]?.decision ?? 'null'));
}

function chosenKey({ eligible, chosen }: RouteDecision): string {
  const found = eligible.find(({ arm }) => arm.agent === chosen);
  return found === undefined ? `${chosen}@` : armKey(found.arm);
}

async function lockMemory(client: PoolClient, scope: string, arm: string): Promise<MemoryRow> {
  await client.query('insert into arbiter.route_memory (scope, arm) values ($1, $2) on conflict do nothing', [
    scope,
    arm,
  ]);
  const { rows } = await client.query<MemoryRow>(
    'select arm, state, pending from arbiter.route_memory where scope = $1 and arm = $2 for update',
    [scope, arm],
  );
  return rows[0] ?? { arm, state: null, pending: 0 };
}

async function settleOnce(
  client: PoolClient,
  outcome: RoutedOutcome,
  scope: string,
  lesson: Lesson,
): Promise<'learned' | 'known' | 'unreadable'> {
  const { decisionId, arm, revision } = outcome;
  const row = await lockMemory(client, scope, arm);
  const told = await client.query<{ revision: number; reward: number | null }>(
    `select revision, reward from arbiter.route_outcomes where decision_id = $1 and arm = $2
      order by revision desc limit 1`,
    [decisionId, arm],
  );
  const [before] = told.rows;
  if (before !== undefined && before.revision >= revision) return 'known';
  const memory = readMemory([row]);
  if (memory === null) return 'unreadable';
  await writeOutcome(client, outcome);
  await writeMemory(client, scope, arm, lesson(memory, before ?? null));
  return 'learned';
}

async function writeOutcome(client: PoolClient, outcome: RoutedOutcome): Promise<void> {
  const { decisionId, arm, revision, agent, verdict, reward, costMicroUsd, latencyMs, failure, atMs } = outcome;
  await client.query(
    `insert into arbiter.route_outcomes (${outcomeColumns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [decisionId, arm, revision, agent, verdict, reward, costMicroUsd, latencyMs, failure, atMs],
  );
}

async function writeMemory(client: PoolClient, scope: string, arm: string, memory: ReturnType<Relearn>): Promise<void> {
  const state = memory.arms[arm];
  const text = state === undefined ? null : JSON.stringify(state);
  await client.query('update arbiter.route_memory set state = $3, pending = $4 where scope = $1 and arm = $2', [
    scope,
    arm,
    text,
    memory.pending[arm] ?? 0,
  ]);
}

async function mendOnce(client: PoolClient, scope: string, arm: string, relearn: Relearn): Promise<void> {
  await lockMemory(client, scope, arm);
  const told = await client.query<OutcomeRow & { decision: string }>(
    `select o.*, d.decision from arbiter.route_outcomes o join arbiter.route_decisions d on d.id = o.decision_id
      where d.scope = $1 and o.arm = $2 order by o.seq`,
    [scope, arm],
  );
  const waiting = await client.query<{ count: number }>(
    `select count(*) as count from arbiter.route_decisions d where d.scope = $1 and d.arm = $2
      and not exists (select from arbiter.route_outcomes o where o.decision_id = d.id and o.arm = $2)`,
    [scope, arm],
  );
  const last = new Map<string, RoutedOutcome>();
  const history = told.rows.map((row) => {
    const outcome = toOutcome(row);
    const before = last.get(outcome.decisionId) ?? null;
    last.set(outcome.decisionId, outcome);
    return { decision: routeDecisionSchema.parse(JSON.parse(row.decision)), outcome, before };
  });
  await writeMemory(client, scope, arm, relearn(history, Number(waiting.rows[0]?.count ?? 0)));
}
