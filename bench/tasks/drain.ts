import type { Crew } from './crew.js';
import { startCrew } from './crew.js';
import { type Home, inHome } from './home.js';
import { enqueuePlain, makePlainDatabase, waitForPlain } from './plain-dbos.js';
import { benchAgent, requestOf, submitMany, waitForEnds } from './requests.js';
import { type Row, type Target, rowOf } from './row.js';

const limitMs = 60_000;

/**
 * Engine and store with pleas in memory: tasks are submitted before any worker begins, and timed from the word to begin
 * (taking an executor's slot included) to the end of the last. With an agent named a task is one leg, without one two.
 */
export async function benchDrain(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const durable of [true, false]) {
    rows.push(
      ...(await inHome(durable, async (home) => [
        await drain(home, { workers: 1, tasks: 900, named: true, durable }, { atLeast: 150 }),
        await drain(home, { workers: 3, tasks: 1200, named: true, durable }, { atLeast: 250 }),
        await drain(home, { workers: 1, tasks: 600, named: false, durable }, null),
        await drain(home, { workers: 3, tasks: 900, named: false, durable }, null),
        ...(await drainPlain(home, durable)),
      ])),
    );
  }
  return rows;
}

interface Load {
  readonly workers: number;
  readonly tasks: number;
  readonly named: boolean;
  readonly durable: boolean;
}

async function drain(home: Home, { workers, tasks, named, durable }: Load, target: Target | null): Promise<Row> {
  const runtime = await home.open();
  try {
    await runtime.agents.put(benchAgent(null));
    await submitMany(home, runtime, requestOf('/bench', { agents: named ? ['bench'] : [] }), tasks);
    const crew = await startCrew(home, 'instant', workers);
    try {
      const startedMs = crew.go();
      const ended = await waitForEnds(runtime, tasks, limitMs);
      const remark = describeUse(crew, tasks);
      const wrong = ended.filter((task) => task.state !== 'accepted');
      if (wrong.length > 0) throw new Error(`${wrong.length} tasks ended as ${wrong[0]?.state ?? ''}`);
      const lastMs = Math.max(...ended.map((task) => task.updated_ms));
      const what = `drain by ${count(workers)}, ${named ? 'agent named' : 'agent to be chosen'}, fsync ${durable ? 'on' : 'off'}`;
      return rowOf(what, tasks / ((lastMs - startedMs) / 1000), 'tasks/s', target, remark);
    } finally {
      await crew.stop();
    }
  } finally {
    await runtime.close();
  }
}

/** The SDK alone on the same server: what an engine with its own checkpoints makes of four steps. */
async function drainPlain(home: Home, durable: boolean): Promise<Row[]> {
  const runtime = await home.open();
  try {
    const url = await makePlainDatabase(home);
    const rows: Row[] = [];
    let done = 0;
    for (const workers of [1, 3]) {
      const tasks = workers * 300;
      await enqueuePlain(url, done, tasks);
      done += tasks;
      const crew = await startCrew(home, 'plain-dbos', workers, { BENCH_DATABASE: url });
      try {
        const startedMs = crew.go();
        const lastMs = await waitForPlain(url, done, limitMs);
        const what = `for comparison, DBOS alone: workflows of four steps by ${count(workers)}, fsync ${durable ? 'on' : 'off'}`;
        rows.push(rowOf(what, tasks / ((lastMs - startedMs) / 1000), '/s', null, describeUse(crew, tasks)));
      } finally {
        await crew.stop();
      }
    }
    return rows;
  } finally {
    await runtime.close();
  }
}

function count(workers: number): string {
  return workers === 1 ? 'one process' : `${workers} processes`;
}

/** Processor time a task, and what other work took: on a busy machine the first says more than the rate. */
export function describeUse(crew: Crew, tasks: number): string {
  const { workersMs, serverMs, othersShare } = crew.used();
  return `${(workersMs / tasks).toFixed(1)} + ${(serverMs / tasks).toFixed(1)} ms of processor a task (workers + server); others had ${(othersShare * 100).toFixed(0)} % of the cores`;
}
