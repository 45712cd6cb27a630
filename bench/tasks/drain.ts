import { type Use, startCrew } from './crew.js';
import { type Home, inHome } from './home.js';
import { enqueuePlain, makePlainDatabase, waitForPlain } from './plain-dbos.js';
import { type Attempt, quietest } from './quietest.js';
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
      ...(await inHome(durable, async (home) => {
        const one = { workers: 1, tasks: 1000, named: true, durable };
        const three = { workers: 3, tasks: 4000, named: true, durable };
        const made = [
          await quietest(() => drain(home, one, { atLeast: 150 })),
          await quietest(() => drain(home, three, { atLeast: 250 })),
        ];
        if (durable) made.push(await quietest(() => drain(home, { ...three, named: false }, null)));
        return [...made, ...(await drainPlain(home, durable))];
      })),
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

async function drain(
  home: Home,
  { workers, tasks, named, durable }: Load,
  target: Target | null,
): Promise<Attempt<Row>> {
  const runtime = await home.open();
  try {
    await runtime.agents.put(benchAgent(null));
    const request = requestOf('/bench', { agents: named ? ['bench'] : [] });
    const ids = new Set(await submitMany(home, runtime, request, tasks));
    const crew = await startCrew(home, 'instant', workers);
    try {
      const startedMs = crew.go();
      await waitForEnds(runtime, limitMs);
      const used = crew.used();
      const ended = (await runtime.tasks.list({ limit: tasks })).filter((task) => ids.has(task.id));
      const wrong = ended.filter((task) => task.state !== 'accepted');
      if (wrong.length > 0 || ended.length !== tasks) throw new Error(`${wrong.length} tasks ended otherwise`);
      const lastMs = Math.max(...ended.map((task) => task.updated_ms));
      const what = `drain by ${count(workers)}, ${named ? 'agent named' : 'agent to be chosen'}, fsync ${durable ? 'on' : 'off'}`;
      const rate = tasks / ((lastMs - startedMs) / 1000);
      return { figure: rowOf(what, rate, 'tasks/s', target, describeUse(used, tasks)), othersShare: used.othersShare };
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
    const plain = { home, durable, url: await makePlainDatabase(home), asked: 0 };
    return [await quietest(() => drainFourSteps(plain, 1)), await quietest(() => drainFourSteps(plain, 3))];
  } finally {
    await runtime.close();
  }
}

async function drainFourSteps(
  plain: { readonly home: Home; readonly durable: boolean; readonly url: string; asked: number },
  workers: number,
): Promise<Attempt<Row>> {
  const { home, durable, url } = plain;
  const tasks = workers === 1 ? 500 : 1000;
  await enqueuePlain(url, plain.asked, tasks);
  plain.asked += tasks;
  const crew = await startCrew(home, 'plain-dbos', workers, { BENCH_DATABASE: url });
  try {
    const startedMs = crew.go();
    const lastMs = await waitForPlain(url, plain.asked, limitMs);
    const used = crew.used();
    const what = `for comparison, DBOS alone: workflows of four steps by ${count(workers)}, fsync ${durable ? 'on' : 'off'}`;
    const rate = tasks / ((lastMs - startedMs) / 1000);
    return { figure: rowOf(what, rate, '/s', null, describeUse(used, tasks)), othersShare: used.othersShare };
  } finally {
    await crew.stop();
  }
}

function count(workers: number): string {
  return workers === 1 ? 'one process' : `${workers} processes`;
}

/** Processor time a task, and what other work took: on a busy machine the first says more than the rate. */
export function describeUse({ workersMs, serverMs, othersShare }: Use, tasks: number): string {
  return `${(workersMs / tasks).toFixed(1)} + ${(serverMs / tasks).toFixed(1)} ms of processor a task (workers + server); others had ${(othersShare * 100).toFixed(0)} % of the cores`;
}
