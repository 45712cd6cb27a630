import { type Row, quantile, rowOf } from './row.js';
import { runCli } from './run-cli.js';

/** `arbiter --help`, as a process of its own, 15 times: the median. */
export async function benchHelp(): Promise<Row[]> {
  const samples: number[] = [];
  for (let round = 0; round < 15; round++) {
    const { elapsedMs, exit, stdout } = await runCli(['--help'], process.cwd());
    if (exit !== 0 || !stdout.includes('adjudicate')) throw new Error(`arbiter --help ended with ${exit}`);
    samples.push(elapsedMs);
  }
  return [rowOf('arbiter --help, median of 15 processes', 150, quantile(samples, 0.5), 'ms')];
}
