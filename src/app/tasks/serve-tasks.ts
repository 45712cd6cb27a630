import { z } from 'zod';
import type { Engine } from '../../ports/engine.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { Workers } from '../../ports/worker.js';
import { openTracker } from '../learning/open-tracker.js';
import { type Driver, type Leg, driveTask } from './drive-task.js';
import { legWorkflow } from './lanes.js';
import { createStages } from './stages/create-stages.js';
import { learnLate } from '../routing/learn-late.js';
import { settleEnded } from '../routing/settle-ended.js';
import { findAgent } from '../../core/registry/snapshot.js';
import { hearAgents } from '../registry/hear-agents.js';
import { openRegistry } from '../registry/open-registry.js';
import { settleVersions } from '../rollout/settle-versions.js';
import { sweepTasks } from './sweep-tasks.js';

const legSchema = z.strictObject({
  taskId: z.string(),
  seq: z.number().int(),
  queue: z.enum(['tasks', 'work']),
  lane: z.string().nullable(),
});

const sweepEveryMs = 5000;
const trackEveryMs = 15_000;
/** Who drives a story tells it on by itself; what nobody has told for so long is told for him. */
const quietMs = 10_000;

/**
 * Makes this process a worker: it drives tasks until the engine stops. What dead processes have left behind is removed
 * first. @throws EXECUTOR_TAKEN, ENGINE_UNAVAILABLE
 */
export async function serveTasks(
  ports: Ports,
  runtime: OpenRuntime,
  told: (text: string) => void,
  signal: AbortSignal,
): Promise<{ readonly executor: string; readonly workers: Workers }> {
  const { tasks, agents, engine, leases, ledger, routes, retries, rollouts, waivers, points } = runtime;
  const workers = ports.workers(leases);
  const reaped = await workers.reap();
  if (reaped > 0) told(`removed ${reaped} leftovers of processes that are no more`);
  const registry = await openRegistry(runtime, ports.clock);
  const pooled = ports.poolGit();
  runtime.beforeClose(() => pooled.closeAll());
  const tracker = openTracker(ports, runtime, { trouble: told, signal });
  runtime.beforeClose(() => tracker.flush());
  let executor = '';
  const driver = {
    store: tasks,
    engine,
    stages: createStages({
      ports: { ...ports, git: pooled },
      tasks,
      agents,
      registry,
      routes,
      retries,
      rollouts,
      points,
      waivers,
      workers,
      ledger,
    }),
    // What the registry knows decides where a task waits; the store is asked again when the agent is put to work.
    findAgent: async (name: string) => findAgent(registry.snapshot(), name)?.profile ?? agents.find(name),
    takeTurn: (name: string, perMinute: number) => agents.takeTurn(name, perMinute),
    clock: ports.clock,
    follow: (taskId: string) => tracker.follow(taskId),
    executor: () => executor,
  };
  registerLegs(engine, driver);
  engine.schedule('sweep-tasks', sweepEveryMs, async (stopped) => {
    const { expired, revived } = await sweepTasks(runtime, ports.clock.nowMs(), stopped);
    await settleVersions(rollouts, registry, ports.clock.nowMs());
    const world = { tasks, routes, rollouts, registry, points };
    await settleEnded(world);
    await learnLate(world, stopped);
    if (expired + revived > 0) told(`swept: ${expired} past their deadline, ${revived} taken up again`);
  });
  engine.schedule('track-stories', trackEveryMs, async (stopped) => void (await tracker.catchUp(quietMs, stopped)));
  engine.schedule('reap-leftovers', 60_000, async () => void (await workers.reap()));
  engine.schedule('hear-agents', 600_000, async () => {
    await registry.refresh();
    await hearAgents(registry, workers, ports.clock.nowMs());
  });
  ({ executor } = await engine.start());
  return { executor, workers };
}

/** Has the engine drive a task for every leg that it runs. @public */
export function registerLegs(engine: Pick<Engine, 'register'>, driver: Driver): void {
  engine.register(legWorkflow, async (input, { signal, workflowId }) => {
    const leg: Leg = { ...legSchema.parse(input), id: workflowId };
    await driveTask(driver, leg, signal);
    return null;
  });
}
