import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { type Home, inHome } from './home.js';
import { readCpuTimes } from './process-facts.js';
import { builtCli } from './product.js';
import { type Row, rowOf } from './row.js';

/** `arbiter demo` from an empty home, and again: from start to exit, its server's start and all gates included. */
export async function benchDemo(): Promise<Row[]> {
  return inHome(true, async (home) => [
    runDemo(home, 'first demo, from an empty home', 20),
    runDemo(home, 'second demo, in the same home', 10),
  ]);
}

function runDemo(home: Home, what: string, below: number): Row {
  const before = readCpuTimes([]);
  const { status, stdout, stderr } = spawnSync(process.execPath, [builtCli, 'demo', '--json'], {
    cwd: home.folder,
    env: home.environment,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const after = readCpuTimes([]);
  if (status !== 0) {
    throw new Error(`the demo ended with ${status ?? 'a signal'}: ${stderr.slice(-500)}${unexpectedIn(stdout)}`);
  }
  const elapsedMs = after.atMs - before.atMs;
  const busy = ((after.busyMs - before.busyMs) / (elapsedMs * cpus().length)) * 100;
  return rowOf(what, elapsedMs / 1000, 's', { below }, `the cores were ${busy.toFixed(0)} % busy`);
}

/** What a demo told of the tasks that did not end as they should. */
function unexpectedIn(stdout: string): string {
  const { tasks = [] } = JSON.parse(stdout) as { tasks?: { name: string; asExpected: boolean; told: string[] }[] };
  return tasks
    .filter((task) => !task.asExpected)
    .map(({ name, told }) => `${name}: ${told.join('; ')}`)
    .join('\n');
}
