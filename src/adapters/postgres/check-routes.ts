import type { PoolClient } from 'pg';
import type { PlacedOutcome, UnequalSum } from '../../ports/route-store.js';
import type { Connection, Statement } from './connection.js';
import { type OutcomeRow, outcomeColumns, toOutcome } from './route-rows.js';

const pageRows = 2000;

const page: Statement = {
  name: 'arbiter-outcomes-page',
  text: `select o.*, d.task_id, d.decision ->> 'surface' as surface, d.decision ->> 'complexity' as complexity from (
      select distinct on (decision_id, arm) ${outcomeColumns} from arbiter.route_outcomes
      where (decision_id, arm) > ($1, $2) order by decision_id, arm, revision desc limit ${pageRows}
    ) o join arbiter.route_decisions d on d.id = o.decision_id order by o.decision_id, o.arm`,
};
const remembered: Statement = {
  name: 'arbiter-remembered',
  text: 'select scope, arm from arbiter.route_memory order by scope, arm',
};
const unequal = `select k.arm, k.surface, k.complexity, k.repository, coalesce(s.outcomes, 0) as kept,
    coalesce(f.outcomes, 0) as afresh, coalesce(f.reward_millionths, 0) as reward, coalesce(f.cost_micro_usd, 0) as cost,
    coalesce(f.latency_ms, 0) as latency
  from (select arm, surface, complexity, repository from arbiter.route_sums
    union select arm, surface, complexity, repository from arbiter.route_sums_afresh) k
  left join arbiter.route_sums s using (arm, surface, complexity, repository)
  left join arbiter.route_sums_afresh f using (arm, surface, complexity, repository)
  where (coalesce(s.outcomes, 0), coalesce(s.reward_millionths, 0), coalesce(s.cost_micro_usd, 0), coalesce(s.latency_ms, 0))
    <> (coalesce(f.outcomes, 0), coalesce(f.reward_millionths, 0), coalesce(f.cost_micro_usd, 0), coalesce(f.latency_ms, 0))
  order by 1, 2, 3, 4`;

type PageRow = OutcomeRow & Pick<PlacedOutcome, 'surface' | 'complexity'> & { readonly task_id: string };

/** Every outcome that counts, page after page. */
export async function* readAllOutcomes(connection: Connection): AsyncGenerator<readonly PlacedOutcome[]> {
  let after: readonly unknown[] = ['', ''];
  for (;;) {
    const { rows } = await connection.run<PageRow>(page, after);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map((row) => ({
      ...toOutcome(row),
      taskId: row.task_id,
      surface: row.surface,
      complexity: row.complexity,
    }));
    if (rows.length < pageRows) return;
    after = [last.decision_id, last.arm];
  }
}

/** Which arms are remembered in which scopes. */
export async function rememberedArms(
  connection: Connection,
): Promise<readonly { readonly scope: string; readonly arm: string }[]> {
  return (await connection.run<{ scope: string; arm: string }>(remembered, [])).rows;
}

interface UnequalRow extends UnequalSum {
  readonly reward: number;
  readonly cost: number;
  readonly latency: number;
}

/** Kept sums beside what the outcomes add up to, in one snapshot; mended while nobody else can change them. */
export function checkSums(connection: Connection, mends: boolean): Promise<readonly UnequalSum[]> {
  return connection.transact('begin', async (client) => {
    if (mends) await client.query('lock table arbiter.route_sums in share row exclusive mode');
    const { rows } = await client.query<UnequalRow>(unequal);
    if (mends) for (const row of rows) await mendSum(client, row);
    return rows.map(({ arm, surface, complexity, repository, kept, afresh }) => ({
      arm,
      surface,
      complexity,
      repository,
      kept,
      afresh,
    }));
  });
}

async function mendSum(client: PoolClient, row: UnequalRow): Promise<void> {
  const { arm, surface, complexity, repository, afresh, reward, cost, latency } = row;
  await client.query(
    `insert into arbiter.route_sums values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (arm, surface, complexity, repository) do update set outcomes = excluded.outcomes,
        reward_millionths = excluded.reward_millionths, cost_micro_usd = excluded.cost_micro_usd,
        latency_ms = excluded.latency_ms`,
    [arm, surface, complexity, repository, afresh, reward, cost, latency],
  );
}
