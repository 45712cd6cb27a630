import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, stopServer } from '../../src/adapters/postgres/index.js';

/** Milliseconds of each of many readings of how agents fared, as a decision asks for it. */
export interface SumFigures {
  readonly outcomes: number;
  readonly rows: number;
  readonly kept: readonly number[];
  /** The same, added up from all outcomes: what a decision did before sums were kept. */
  readonly afresh: readonly number[];
}

const agents = 20;
const repositories = 50;
const readings = 200;

/** As decisions read before sums were kept. */
const addUp = `select o.arm, d.decision ->> 'surface' as surface, d.decision ->> 'complexity' as complexity, d.repository,
    count(*) as count, sum(o.reward) as reward, sum(o.cost_micro_usd)::bigint as cost, sum(o.latency_ms)::bigint as latency
  from (select distinct on (decision_id, arm) * from arbiter.route_outcomes where arm = any($1::text[])
    order by decision_id, arm, revision desc) o
  join arbiter.route_decisions d on d.id = o.decision_id where o.reward is not null group by 1, 2, 3, 4`;

/** Decisions of 20 agents on three complexities in 50 repositories, each with an outcome; every tenth is revised. */
const fill = (from: number, to: number): readonly string[] => [
  `insert into arbiter.route_decisions (id, task_id, attempt, repository, scope, arm, at_ms, decision)
    select 'D' || n, 'T' || n, 1, 'r' || n % ${repositories}, 's', 'agent-' || n % ${agents} || '@1', n,
      json_build_object('surface', 'code-editing', 'complexity', (array['trivial', 'standard', 'complex'])[1 + n % 3],
        'features', repeat('x', 2000))
    from generate_series(${from}, ${to - 1}) n`,
  `insert into arbiter.route_outcomes (decision_id, arm, revision, agent, verdict, reward, cost_micro_usd, latency_ms, at_ms)
    select 'D' || n, 'agent-' || n % ${agents} || '@1', r, 'agent-' || n % ${agents}, 'PASS', (n % 11) / 10.0, n, n, n
    from generate_series(${from}, ${to - 1}) n, generate_series(0, case when n % 10 = 0 then 1 else 0 end) r`,
];

/** Reads sums of all agents from stores with so many outcomes, in an embedded store of its own. */
export async function measureSums(sizes: readonly number[]): Promise<readonly SumFigures[]> {
  const stateHome = await mkdtemp(join(tmpdir(), 'arbiter-bench-sums-'));
  const database = await openDatabase({ stateHome, databaseUrl: null, durable: true });
  try {
    const arms = Array.from({ length: agents }, (_, index) => `agent-${index}@1`);
    const figures: SumFigures[] = [];
    let filled = 0;
    for (const outcomes of sizes) {
      for (const statement of fill(filled, outcomes)) await database.pool.query(statement);
      filled = outcomes;
      let rows = 0;
      const kept = await timeEach(readings, async () => {
        rows = (await database.routes.tally(arms)).length;
      });
      const afresh = await timeEach(Math.max(5, Math.floor((readings * 1000) / outcomes)), async () => {
        const summed = (await database.pool.query(addUp, [arms])).rows.length;
        if (summed !== rows) throw new Error(`${rows} sums are kept, there are ${summed}`);
      });
      figures.push({ outcomes, rows, kept, afresh });
    }
    return figures;
  } finally {
    await database.close();
    await stopServer(stateHome);
    await rm(stateHome, { recursive: true, force: true });
  }
}

async function timeEach(count: number, work: () => Promise<void>): Promise<readonly number[]> {
  await work();
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  return times;
}
