import { join } from 'node:path';
import { type Role, startCrew } from './crew.js';
import { describeUse } from './drain.js';
import { type Home, inHome } from './home.js';
import { requestOf, submitMany, waitForEnds } from './requests.js';
import { type Row, rowOf } from './row.js';
import { type World, layWorld } from './world.js';

const processes = 2;
const tasks = 160;
const limitMs = 60_000;

/**
 * The whole loop on a real repository: law, plan, patch, sealing, measuring, examination, verdict, signature, candidate
 * kept; gates alone pass without being run. Held against the git calls of that very loop, which are written down once
 * and then made again by as many processes with nothing around them.
 */
export async function benchWholeLoop(): Promise<Row[]> {
  return inHome(true, async (home) => {
    const world = await layWorld(home);
    try {
      const calls = join(home.folder, 'git-calls');
      await loop(home, world, { role: 'record-git', workers: 1, count: 1, calls });
      const { rate, remark } = await loop(home, world, { role: 'loop', workers: processes, count: tasks, calls });
      const ceiling = await replay(home, calls);
      return [
        rowOf(
          `whole loop with git, without gates, by ${processes} processes`,
          rate,
          'tasks/s',
          { atLeast: 20 },
          remark,
        ),
        rowOf(`its git calls alone, by ${processes} processes`, ceiling.rate, '/s', null, ceiling.remark),
        rowOf('whole loop against its git calls alone', (rate / ceiling.rate) * 100, '%', { atLeast: 80 }),
      ];
    } finally {
      await world.remove();
    }
  });
}

interface LoopLoad {
  readonly role: Role;
  readonly workers: number;
  readonly count: number;
  readonly calls: string;
}

async function loop(
  home: Home,
  world: World,
  { role, workers, count, calls }: LoopLoad,
): Promise<{ readonly rate: number; readonly remark: string }> {
  const runtime = await home.open();
  try {
    await runtime.agents.put(world.agent);
    const request = requestOf(world.repository, { spec: 'POST-001', key: world.key, agents: ['bench'] });
    const ids = new Set(await submitMany(home, runtime, request, count));
    const crew = await startCrew(home, role, workers, { BENCH_CALLS: calls });
    try {
      const startedMs = crew.go();
      const ended = (await waitForEnds(runtime, count, limitMs)).filter((task) => ids.has(task.id));
      const remark = describeUse(crew, count);
      const wrong = ended.find((task) => task.state !== 'accepted' || task.kept === null);
      if (wrong !== undefined)
        throw new Error(`a task ended as ${wrong.state}: ${wrong.reason?.message ?? 'not kept'}`);
      const lastMs = Math.max(...ended.map((task) => task.updated_ms));
      return { rate: count / ((lastMs - startedMs) / 1000), remark };
    } finally {
      await crew.stop();
    }
  } finally {
    await runtime.close();
  }
}

async function replay(home: Home, calls: string): Promise<{ readonly rate: number; readonly remark: string }> {
  const each = tasks / processes;
  const crew = await startCrew(home, 'replay-git', processes, { BENCH_CALLS: calls, BENCH_COUNT: String(each) });
  try {
    const done = crew.members.map((member) => member.heard('done'));
    const startedMs = crew.go();
    const last = Math.max(...(await Promise.all(done)).map((word) => ('atMs' in word ? word.atMs : 0)));
    return { rate: tasks / ((last - startedMs) / 1000), remark: describeUse(crew, tasks) };
  } finally {
    await crew.stop();
  }
}
