import { readCpuTimes, serverPids, usedBetween } from '../tasks/process-facts.js';
import type { Home } from '../tasks/home.js';
import { type Attempt, quietest } from '../tasks/quietest.js';
import { type Row, type Target, rowOf } from '../tasks/row.js';
import { openSql } from '../tasks/sql.js';
import { quantile } from '../speed/row.js';
import { cpus } from 'node:os';
import { verdictAppend } from './draft.js';

/**
 * Callers that wait for their own append before they ask for the next: as many as keep the promised rate up, and twice as
 * many, which the store is full with.
 */
const crews = [16, 32];
const appends = 6000;
const inserts = 1000;

type Runtime = Awaited<ReturnType<Home['open']>>;

/** Durable appends of one process, and what plain INSERTs of the same rows cost the same server. */
export async function benchAppends(home: Home, runtime: Runtime): Promise<Row[]> {
  let number = 0;
  const measure = async (callers: number): Promise<Attempt<Row[]>> => {
    const samples: number[] = [];
    const end = number + appends;
    const { ms, others } = await timed(home, () =>
      inLanes(callers, async () => {
        while (number < end) {
          const startedMs = performance.now();
          await runtime.ledger.append([verdictAppend((number += 1))]);
          samples.push(performance.now() - startedMs);
        }
      }),
    );
    const remark = `others had ${(others * 100).toFixed(0)} % of the cores`;
    const row = (what: string, value: number, unit: string, target: Target | null): Row =>
      rowOf(what, value, unit, target, remark);
    const isPromised = callers === crews[0];
    return {
      figure: [
        row(`durable appends by one process, ${callers} callers`, samples.length / (ms / 1000), '/s', {
          atLeast: 2000,
        }),
        row('one of them, p95', quantile(samples, 0.95), 'ms', isPromised ? { below: 10 } : null),
        row('one of them, median', quantile(samples, 0.5), 'ms', null),
      ],
      othersShare: others,
    };
  };
  const rows: Row[] = [];
  for (const callers of crews) rows.push(...(await quietest(() => measure(callers))));
  return [...rows, ...(await benchInserts(home))];
}

/** The peer: the same bytes by plain INSERT, a commit each, by as many sessions; no order, no proof, no idempotence. */
async function benchInserts(home: Home): Promise<Row[]> {
  const sessions = await Promise.all(Array.from({ length: 8 }, () => openSql(home, 'arbiter')));
  try {
    await sessions[0]?.query('create table public.plain (id bigserial primary key, bytes bytea not null)');
    const bytes = Buffer.from(JSON.stringify(verdictAppend(1).draft));
    let left = inserts;
    const { ms, others } = await timed(home, async () => {
      await Promise.all(
        sessions.map(async (session) => {
          while ((left -= 1) >= 0)
            await session.query({
              name: 'plain',
              text: 'insert into public.plain (bytes) values ($1)',
              values: [bytes],
            });
        }),
      );
    });
    const remark = `a commit each, by ${sessions.length} sessions; others had ${(others * 100).toFixed(0)} % of the cores`;
    return [
      rowOf('for comparison, plain INSERTs into a table of the same server', inserts / (ms / 1000), '/s', null, remark),
    ];
  } finally {
    for (const session of sessions) await session.end();
  }
}

async function inLanes(callers: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: callers }, work));
}

/** How long something took, and what others had of the cores meanwhile. */
export async function timed(home: Home, work: () => Promise<void>): Promise<{ ms: number; others: number }> {
  const pids = [process.pid, ...serverPids(home.stateHome)];
  const before = readCpuTimes(pids);
  const startedMs = performance.now();
  await work();
  const ms = performance.now() - startedMs;
  return { ms, others: usedBetween(before, readCpuTimes(pids), cpus().length).othersShare };
}
