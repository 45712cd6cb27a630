import { z } from 'zod';
import { isEnded, taskStateSchema, waitingStates } from '../../core/tasks/task.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { Operation, OperationContext } from '../operation.js';
import { serveTasks } from '../tasks/serve-tasks.js';
import { useRuntime } from '../tasks/use-runtime.js';

const executorSchema = z.strictObject({
  id: z.string(),
  pid: z.number().int(),
  host: z.string(),
  version: z.string(),
  started_ms: z.number().int(),
});

export const runtimeStatusSchema = z
  .strictObject({
    workers: z.array(executorSchema),
    tasks: z.strictObject({
      open: z.number().int().nonnegative(),
      waiting_for_human: z.number().int().nonnegative(),
      by_state: z.record(z.string(), z.number().int()),
    }),
    queues: z.record(z.string(), z.number().int().nonnegative()).describe('Legs that wait for their turn.'),
  })
  .meta({ id: 'RuntimeStatus' });
export type RuntimeStatus = z.infer<typeof runtimeStatusSchema>;

const nothing = z.strictObject({});

/** Who works and what waits. */
async function readStatus(runtime: OpenRuntime): Promise<RuntimeStatus> {
  const workers = await runtime.executors();
  const states = taskStateSchema.options.filter((state) => !isEnded(state));
  const open = await runtime.tasks.list({ states, limit: 10_000 });
  const byState: Record<string, number> = {};
  for (const task of open) byState[task.state] = (byState[task.state] ?? 0) + 1;
  return {
    workers: workers.map(({ id, pid, host, version, startedMs }) => ({
      id,
      pid,
      host,
      version,
      started_ms: startedMs,
    })),
    tasks: {
      open: open.length,
      waiting_for_human: open.filter((task) => waitingStates.includes(task.state)).length,
      by_state: byState,
    },
    queues: { ...(await runtime.engine.backlog()) },
  };
}

export const status: Operation<z.infer<typeof nothing>, RuntimeStatus> = {
  name: 'status',
  summary: 'say which workers are up and what waits',
  role: 'anyone',
  input: nothing,
  output: runtimeStatusSchema,
  run: (ports, _input, { signal }) => useRuntime(ports, signal, readStatus),
};

const upInputSchema = z.strictObject({
  foreground: z.boolean().default(false),
  workers: z.number().int().min(1).max(32).default(1).describe('How many worker processes there shall be.'),
});

export const up: Operation<z.infer<typeof upInputSchema>, RuntimeStatus> = {
  name: 'up',
  summary: 'start workers in the background; they take up what was left',
  role: 'anyone',
  input: upInputSchema,
  output: runtimeStatusSchema,
  run: (ports, { foreground, workers }, context) =>
    useRuntime(ports, context.signal, (runtime) =>
      foreground ? serveUntilStopped(ports, runtime, context) : startWorkers(ports, runtime, workers, context),
    ),
};

async function serveUntilStopped(
  ports: Ports,
  runtime: OpenRuntime,
  { progress, signal }: OperationContext,
): Promise<RuntimeStatus> {
  const { executor } = await serveTasks(ports, runtime, (text) => progress.note(text), signal);
  progress.stage('serving', `as ${executor}; stop with Ctrl-C or arbiter down`);
  while (!signal.aborted) await ports.clock.pause(60_000, signal);
  progress.stage('stopping', 'what runs now goes on with the next worker');
  const now = await readStatus(runtime);
  await runtime.engine.stop(2000);
  return now;
}

async function startWorkers(
  ports: Ports,
  runtime: OpenRuntime,
  wanted: number,
  { progress, signal }: OperationContext,
): Promise<RuntimeStatus> {
  const before = (await runtime.executors()).length;
  for (let count = before; count < wanted; count += 1) await ports.background.start();
  progress.stage('up', `waiting for ${Math.max(0, wanted - before)} workers`);
  const deadline = ports.clock.deadline(ports.clock.nowMs() + 30_000, signal);
  try {
    while ((await runtime.executors()).length < wanted && !deadline.passed() && !signal.aborted) {
      await ports.clock.pause(100, signal);
    }
  } finally {
    deadline.forget();
  }
  return readStatus(runtime);
}

const downSchema = z
  .strictObject({ stopped: z.array(executorSchema), left: z.array(executorSchema), server: z.boolean() })
  .meta({ id: 'RuntimeDown' });

export const down: Operation<z.infer<typeof nothing>, z.infer<typeof downSchema>> = {
  name: 'down',
  summary: 'stop the workers of this machine and the embedded server; tasks wait for the next arbiter up',
  role: 'anyone',
  input: nothing,
  output: downSchema,
  async run(ports, _input, { progress, signal }) {
    const { stopped, left } = await useRuntime(ports, signal, async (runtime) => {
      const executors = await runtime.executors();
      for (const { pid, id } of executors) {
        progress.stage('down', `${id} (process ${pid})`);
        await ports.background.stop(pid, 10_000);
      }
      const now = (await runtime.executors()).map((one) => one.id);
      const show = executors.map(({ id, pid, host, version, startedMs }) => ({
        id,
        pid,
        host,
        version,
        started_ms: startedMs,
      }));
      return { stopped: show.filter((one) => !now.includes(one.id)), left: show.filter((one) => now.includes(one.id)) };
    });
    const server = left.length === 0 ? await ports.runtime.stopServer() : false;
    return { stopped, left, server };
  },
};
