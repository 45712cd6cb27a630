import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Role, type Use, startCrew } from './crew.js';
import { describeUse } from './drain.js';
import { type Home, inHome } from './home.js';
import { type Attempt, quietest } from './quietest.js';
import { requestOf, submitMany, waitForEnds } from './requests.js';
import { type Row, rowOf } from './row.js';
import { type World, layWorld } from './world.js';

const processes = 2;
const tasks = 240;
/** Before any is counted: a worker lives for days, and its first tasks are spent on compiling. */
const warmTasks = 60;
const limitMs = 90_000;
/** Rates of runs after each other depend on what else the cores were given meanwhile; this does not. */
const byCpu = 'by processor time a task';

/**
 * The whole loop on a real repository: law, plan, patch, sealing, measuring, examination, verdict, signature, candidate
 * kept; gates alone pass without being run. Held against the git work of that loop: by git's own commands, a process
 * each, as one would write it; and by the very calls that the loop makes, written down once and then made again by as
 * many processes with nothing around them. Counted is what comes after a warm-up; rates are of the last four fifths of it.
 */
export async function benchWholeLoop(): Promise<Row[]> {
  return inHome(true, async (home) => {
    const world = await layWorld(home);
    try {
      const more = { BENCH_CALLS: join(home.folder, 'git-calls'), BENCH_PLAIN: join(home.folder, 'plain-loop') };
      await loop(home, world, { role: 'record-git', workers: 1, count: 1, more });
      await writeFile(more.BENCH_PLAIN, JSON.stringify(world.plain));
      const whole = await quietest(() => loop(home, world, { role: 'loop', workers: processes, count: tasks, more }));
      const plain = await quietest(() => gitAlone(home, 'plain-git', more));
      const calls = await quietest(() => gitAlone(home, 'replay-git', more));
      const by = `by ${processes} processes`;
      return [
        rowOf(`whole loop with git, without gates, ${by}`, whole.rate, 'tasks/s', { atLeast: 20 }, whole.remark),
        rowOf(`its git work by git's own commands, ${by}`, plain.rate, '/s', null, plain.remark),
        rowOf("whole loop against git's own commands", (plain.cpuMs / whole.cpuMs) * 100, '%', { atLeast: 80 }, byCpu),
        rowOf(`its git work by our long-lived git processes alone, ${by}`, calls.rate, '/s', null, calls.remark),
        rowOf('whole loop against that', (calls.cpuMs / whole.cpuMs) * 100, '%', null, byCpu),
      ];
    } finally {
      await world.remove();
    }
  });
}

interface Measured {
  readonly rate: number;
  /** Processor time a task, of workers and server. */
  readonly cpuMs: number;
  readonly remark: string;
}

async function loop(
  home: Home,
  world: World,
  load: {
    readonly role: Role;
    readonly workers: number;
    readonly count: number;
    readonly more: Record<string, string>;
  },
): Promise<Attempt<Measured>> {
  const { role, workers, count, more } = load;
  const runtime = await home.open();
  try {
    await runtime.agents.put(world.agent);
    const request = requestOf(world.repository, { spec: 'POST-001', key: world.key, agents: ['bench'] });
    const crew = await startCrew(home, role, workers, more);
    try {
      crew.go();
      if (role === 'loop') {
        await submitMany(home, runtime, request, warmTasks);
        await waitForEnds(runtime, limitMs);
      }
      crew.startCounting();
      const ids = new Set(await submitMany(home, runtime, request, count));
      await waitForEnds(runtime, limitMs);
      const used = crew.used();
      const ended = (await runtime.tasks.list({ limit: count })).filter((task) => ids.has(task.id));
      const wrong = ended.find((task) => task.state !== 'accepted' || task.kept === null);
      if (wrong !== undefined)
        throw new Error(`a task ended as ${wrong.state}: ${wrong.reason?.message ?? 'not kept'}`);
      const rate = steadyRate(ended.map((task) => task.updated_ms));
      return { figure: measured(rate, used, count), othersShare: used.othersShare };
    } finally {
      await crew.stop();
    }
  } finally {
    await runtime.close();
  }
}

async function gitAlone(home: Home, role: Role, more: Record<string, string>): Promise<Attempt<Measured>> {
  const crew = await startCrew(home, role, processes, { ...more, BENCH_COUNT: String(tasks / processes) });
  try {
    const ends: number[] = [];
    for (const member of crew.members) member.onWord((word) => word.say === 'looped' && ends.push(word.atMs));
    const done = crew.members.map((member) => member.heard('done'));
    crew.go();
    await Promise.all(done);
    const used = crew.used();
    return { figure: measured(steadyRate(ends), used, tasks), othersShare: used.othersShare };
  } finally {
    await crew.stop();
  }
}

function measured(rate: number, used: Use, count: number): Measured {
  return { rate, cpuMs: (used.workersMs + used.serverMs) / count, remark: describeUse(used, count) };
}

/** Ends a second over the last four fifths. */
function steadyRate(endsMs: readonly number[]): number {
  const sorted = endsMs.toSorted((a, b) => a - b);
  const warm = Math.floor(sorted.length / 5);
  const [from = 0, to = 0] = [sorted[warm], sorted.at(-1)];
  return from === to ? 0 : (sorted.length - warm - 1) / ((to - from) / 1000);
}
