import { quantile } from '../speed/row.js';
import { type Home, inHome } from './home.js';
import { product } from './product.js';
import { benchAgent, requestOf, submitMany } from './requests.js';
import { type Row, rowOf } from './row.js';
import { openSql } from './sql.js';

const appends = 8000;

/** How fast the store appends and the engine takes orders, and whether a fuller store is a slower one. */
export async function benchStore(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const durable of [true, false]) {
    rows.push(...(await inHome(durable, (home) => measureStore(home, durable))));
  }
  return rows;
}

async function measureStore(home: Home, durable: boolean): Promise<Row[]> {
  const runtime = await home.open();
  const named = `fsync ${durable ? 'on' : 'off'}`;
  try {
    await runtime.agents.put(benchAgent(null));
    const startedMs = performance.now();
    const ids = await submitMany(home, runtime, requestOf('/bench', { agents: ['bench'] }), 1000);
    const submitted = 1000 / ((performance.now() - startedMs) / 1000);
    const rows = [
      rowOf(`submitted (stored and enqueued) by one process, sixteen at a time, ${named}`, submitted, 'tasks/s'),
      rowOf(`appended by one process, eight at a time, ${named}`, await appendRate(runtime, ids), 'appends/s'),
    ];
    if (!durable) return rows;
    for (const full of [1000, 10_000, 100_000]) {
      await fill(home, full);
      const samples = await appendTimes(runtime, ids);
      rows.push(
        rowOf(
          `one append with ${full.toLocaleString('en')} tasks in the store, ${named}, median`,
          quantile(samples, 0.5),
          'ms',
        ),
      );
    }
    return rows;
  } finally {
    await runtime.close();
  }
}

type Runtime = Awaited<ReturnType<Home['open']>>;

async function appendRate({ tasks }: Runtime, ids: readonly string[]): Promise<number> {
  const { applyEvent } = await product<typeof import('../../src/core/tasks/apply-event.js')>('core/tasks/apply-event');
  let done = 0;
  const startedMs = performance.now();
  const append = async (id: string): Promise<void> => {
    let { task, seq } = await tasks.read(id);
    for (let time = 0; time < appends / 8; time += 1) {
      const event = { type: 'fault-raised', at_ms: Date.now(), stage: 'x', reason, again: true } as const;
      task = { ...applyEvent(task, event), faults: 0, state: 'submitted' };
      await tasks.append(id, seq, [event], task, 'bench');
      seq += 1;
      done += 1;
    }
  };
  await Promise.all(ids.slice(0, 8).map(append));
  return done / ((performance.now() - startedMs) / 1000);
}

async function appendTimes({ tasks }: Runtime, ids: readonly string[]): Promise<number[]> {
  const samples: number[] = [];
  for (const id of ids.slice(100, 300)) {
    const { task, seq } = await tasks.read(id);
    const event = { type: 'fault-raised', at_ms: Date.now(), stage: 'x', reason, again: true } as const;
    const startedMs = performance.now();
    await tasks.append(id, seq, [event], task, 'bench');
    samples.push(performance.now() - startedMs);
  }
  return samples;
}

const reason = { code: 'BENCH', message: 'nothing is wrong', mend: 'nothing' };

/** Fills the store up with copies of a task that is there, eight events each. */
async function fill(home: Home, count: number): Promise<void> {
  const sql = await openSql(home, 'arbiter');
  try {
    await sql.query(
      `insert into arbiter.tasks (id, state, ended, repository, spec_id, agent, dedup_key, deadline_ms, priority, seq, snapshot, created_ms, updated_ms)
       select 'Z' || lpad(n::text, 25, '0'), 'accepted', true, t.repository, t.spec_id, t.agent, null, null, t.priority, 8, t.snapshot, t.created_ms, t.updated_ms
       from (select * from arbiter.tasks order by id limit 1) t,
         generate_series((select count(*) from arbiter.tasks) + 1, $1) n`,
      [count],
    );
    await sql.query(
      `insert into arbiter.task_events (task_id, seq, at_ms, by, type, event)
       select t.id, s, t.created_ms, 'bench', 'work-started', '{"type":"work-started","at_ms":0,"agents":["bench"]}'
       from arbiter.tasks t, generate_series(1, 8) s where t.id like 'Z%'
         and not exists (select from arbiter.task_events e where e.task_id = t.id)`,
    );
    await sql.query('analyze');
  } finally {
    await sql.end();
  }
}
