import type { PoolClient } from 'pg';
import { routeDecisionSchema } from '../../core/routing/decision.js';
import { type PolicyState, armStateSchema } from '../../core/routing/policy.js';
import type { Lesson, Relearn, RoutedOutcome } from '../../ports/route-store.js';
import { type MemoryRow, type OutcomeRow, outcomeColumns, readMemory, toOutcome } from './route-rows.js';

/** Takes an outcome and its lesson, in the transaction of the client. Who learns of the same arm waits for the row. */
export async function settleOnce(
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

async function writeOutcome(client: PoolClient, outcome: RoutedOutcome): Promise<void> {
  const { decisionId, arm, revision, agent, verdict, reward, costMicroUsd, latencyMs, failure, atMs, mends } = outcome;
  await client.query(
    `insert into arbiter.route_outcomes (${outcomeColumns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [decisionId, arm, revision, agent, verdict, reward, costMicroUsd, latencyMs, failure, atMs, mends],
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

/**
 * Makes the memory of an arm again from all that it was told, in the transaction of the client. Answers whether another one
 * was there; one that is only looked at stays as it is.
 */
export async function mendOnce(
  client: PoolClient,
  { scope, arm }: { readonly scope: string; readonly arm: string },
  relearn: Relearn,
  isLook: boolean,
): Promise<boolean> {
  const locked = await lockMemory(client, scope, arm);
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
  const fresh = relearn(history, Number(waiting.rows[0]?.count ?? 0), arm);
  const there = readMemory([locked]);
  if (there !== null && isSame(there, fresh, arm)) return false;
  if (!isLook) await writeMemory(client, scope, arm, fresh);
  return true;
}

function isSame(a: PolicyState, b: PolicyState, arm: string): boolean {
  const text = ({ arms, pending }: PolicyState): string => {
    const state = arms[arm];
    return JSON.stringify([state === undefined ? null : armStateSchema.parse(state), pending[arm] ?? 0]);
  };
  return text(a) === text(b);
}
