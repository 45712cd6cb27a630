import type { PoolClient } from 'pg';
import { armKey } from '../../core/routing/arm.js';
import { type RouteDecision, routeDecisionSchema } from '../../core/routing/decision.js';
import { unknownDecision } from '../../core/tasks/unknown-decision.js';
import type { ArmTally, RouteStore } from '../../ports/route-store.js';
import type { Connection, Statement } from './connection.js';
import {
  type DecisionRow,
  type MemoryRow,
  type OutcomeRow,
  joinOutcomes,
  outcomeColumns,
  readMemory,
} from './route-rows.js';
import { checkSums, readAllOutcomes, rememberedArms } from './check-routes.js';
import { mendOnce, settleOnce } from './route-memory.js';

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
  text: `select arm, surface, complexity, repository, outcomes as count, reward_millionths as reward, cost_micro_usd as cost,
      latency_ms as latency from arbiter.route_sums where arm = any($1::text[]) and outcomes > 0`,
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
    mend: (scope, arm, relearn, how) =>
      connection.transact('begin', (client) => mendOnce(client, { scope, arm }, relearn, how !== undefined)),
    remembered: () => rememberedArms(connection),
    outcomes: () => readAllOutcomes(connection),
    checkSums: ({ mends }) => checkSums(connection, mends),
    async unsettled(limit) {
      const { rows } = await connection.run<{ task_id: string }>(unsettled, [limit]);
      return [...new Set(rows.map((row) => row.task_id))];
    },
    async tally(arms) {
      const { rows } = await connection.run<TallyRow>(tally, [[...arms]]);
      return rows.map(({ reward, cost, latency, ...row }) => ({
        ...row,
        reward: reward / 1_000_000,
        costMicroUsd: cost,
        latencyMs: latency,
      }));
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
