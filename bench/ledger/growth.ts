import { cpus } from 'node:os';
import { quantile } from '../speed/row.js';
import type { Home } from '../tasks/home.js';
import { readCpuTimes, usedBetween } from '../tasks/process-facts.js';
import { type Row, rowOf } from '../tasks/row.js';
import { verdictAppend } from './draft.js';
import { fillLog } from './fill.js';
import { benchVerify } from './verify.js';

const sizes = [1000, 10_000, 100_000, 1_000_000];
const proofs = 500;
const appends = 200;

type Runtime = Awaited<ReturnType<Home['open']>>;

/** What an append and a proof cost in logs of a thousand to a million entries, and how the largest is checked. */
export async function benchGrowth(home: Home, runtime: Runtime): Promise<Row[]> {
  const rows: Row[] = [];
  const medians: number[] = [];
  for (const size of sizes) {
    await fillLog(home, runtime, size);
    const of = `with ${size.toLocaleString('en')} entries`;
    const isLargest = size === sizes.at(-1);
    const proved = await sampled(proofs, async () => {
      await runtime.ledger.proveInclusion(Math.floor(Math.random() * size), size);
    });
    rows.push(
      rowOf(
        `inclusion proof, checked, ${of}: median`,
        proved.median,
        'ms',
        isLargest ? { below: 1 } : null,
        proved.remark,
      ),
      rowOf(`inclusion proof, checked, ${of}: p95`, proved.p95, 'ms', null, proved.remark),
    );
    const appended = await sampled(appends, async (number) => {
      await runtime.ledger.append([verdictAppend(5_000_000 + size + number)]);
    });
    medians.push(appended.median);
    rows.push(rowOf(`one durable append, nobody else's, ${of}: median`, appended.median, 'ms', null, appended.remark));
  }
  const [small = 1, large = 0] = [medians[0], medians.at(-1)];
  rows.push(
    rowOf('append at a million against a thousand', large / small, 'times', { below: 2 }, 'log n would be 2.0'),
  );
  return [...rows, ...(await benchVerify(home, runtime))];
}

async function sampled(
  count: number,
  work: (number: number) => Promise<void>,
): Promise<{ median: number; p95: number; remark: string }> {
  const samples: number[] = [];
  for (let number = 0; number < 30; number += 1) await work(count + number);
  const before = readCpuTimes([]);
  for (let number = 0; number < count; number += 1) {
    const startedMs = performance.now();
    await work(number);
    samples.push(performance.now() - startedMs);
  }
  const { othersShare } = usedBetween(before, readCpuTimes([]), cpus().length);
  const remark = `the cores were ${(othersShare * 100).toFixed(0)} % busy, with all work`;
  return { median: quantile(samples, 0.5), p95: quantile(samples, 0.95), remark };
}
