import type { DataPoint } from '../../src/core/learning/data-point.js';
import type { PlacedEvent, StoryMatter } from '../../src/core/learning/matter.js';
import { startCrew } from './crew.js';
import { type Home, inHome } from './home.js';
import { product } from './product.js';
import { benchAgent, requestOf, submitMany, waitForEnds } from './requests.js';
import { type Row, rowOf } from './row.js';

const tasks = 1000;
const inOneWrite = 2000;
const limitMs = 120_000;

/**
 * Data points, fsync on. One process drains tasks and tells their stories, as `arbiter up` does, while this one writes
 * points of ended stories as fast as the store takes them, until the last task has ended; then the drain alone is timed
 * with and without telling, so that its price is seen.
 */
export async function benchTrack(): Promise<Row[]> {
  return inHome(true, async (home) => {
    const rows: Row[] = [];
    const plain = await drain(home, false, null);
    rows.push(rowOf('drain by one process, data points not told, fsync on', plain.rate, 'tasks/s'));
    const told = await drain(home, true, null);
    rows.push(rowOf('drain by one process that tells data points too, fsync on', told.rate, 'tasks/s'));
    const points = await endedPoints(home);
    let written = 0;
    const before = process.cpuUsage();
    const beside = await drain(home, true, async (store) => {
      const batch = anew(points, written);
      written += await store.write(
        batch,
        batch.slice(0, 1).map(({ task_id: taskId, step }) => ({ taskId, step })),
      );
    });
    const used = process.cpuUsage(before);
    const cpuMs = ((used.user + used.system) / written).toFixed(1);
    const remark = `${cpuMs} ms of the writer’s processor for 1,000 points; ${inOneWrite} in a transaction, by one writer, while another process drained ${beside.rate.toFixed(0)} tasks/s`;
    const rate = written / (beside.ms / 1000);
    rows.push(
      rowOf('data points stored beside a draining engine, fsync on', rate, 'points/s', { atLeast: 10_000 }, remark),
    );
    return rows;
  });
}

type Store = Awaited<ReturnType<Home['open']>>['points'];

async function drain(
  home: Home,
  tells: boolean,
  beside: ((store: Store) => Promise<void>) | null,
): Promise<{ readonly rate: number; readonly ms: number }> {
  const runtime = await home.open();
  try {
    await runtime.agents.put(benchAgent(null));
    await submitMany(home, runtime, requestOf('/bench', { agents: ['bench'] }), tasks);
    const crew = await startCrew(home, 'instant', 1, { BENCH_TELLS: tells ? 'yes' : 'no' });
    try {
      const startedMs = crew.go();
      let isOver = false;
      const ended = waitForEnds(runtime, limitMs).finally(() => (isOver = true));
      const writing = async (): Promise<void> => {
        while (beside !== null && !isOver) await beside(runtime.points);
      };
      await Promise.all([ended, writing()]);
      const ms = Date.now() - startedMs;
      return { rate: tasks / (ms / 1000), ms };
    } finally {
      await crew.stop();
    }
  } finally {
    await runtime.close();
  }
}

/** Points as a drained task leaves them. */
async function endedPoints(home: Home): Promise<readonly DataPoint[]> {
  const { derivePoints } =
    await product<typeof import('../../src/core/learning/derive-points.js')>('core/learning/derive-points');
  const runtime = await home.open();
  try {
    const [task] = await runtime.tasks.list({ limit: 1 });
    if (task === undefined) throw new Error('no task was drained');
    const events: readonly PlacedEvent[] = await runtime.tasks.readEvents(task.id);
    const nothing: StoryMatter = { pleas: new Map(), verdicts: new Map(), decisions: new Map(), texts: new Map() };
    return derivePoints(task, events, nothing);
  } finally {
    await runtime.close();
  }
}

/** The points of one story as those of so many others, numbered on from `from`. */
function anew(points: readonly DataPoint[], from: number): readonly DataPoint[] {
  const stories = Math.floor(inOneWrite / points.length);
  return Array.from({ length: stories }, (_, index) => {
    const task_id = `7${String(from + index).padStart(25, '0')}`;
    return points.map((point) => ({ ...point, task_id }));
  }).flat();
}
