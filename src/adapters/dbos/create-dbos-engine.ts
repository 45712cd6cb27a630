import { setTimeout as sleep } from 'node:timers/promises';
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { Pool } from 'pg';
import { Fault, isFault } from '../../core/fault.js';
import type { Engine, EngineFaultCode, Json, Workflow, WorkflowContext } from '../../ports/engine.js';
import type { Executor } from '../../ports/runtime.js';
import { type Dispatcher, createDispatcher } from './dispatch.js';
import { createEngineClient } from './engine-client.js';
import { openSessions, withIdleLimit } from './engine-sessions.js';
import {
  type ExecutorSlot,
  createForgottenLook,
  giveBack,
  listExecutors,
  takeOverDead,
  takeSlot,
} from './executor-slot.js';
import { forgetEnded } from './legs-table.js';
import { applicationName, applicationVersion, cancelChannel, isQueueName, queueNames, wakeChannel } from './queues.js';
import { inQuiet, silentLogger } from './quiet.js';
import { type Running, createRunning } from './running.js';
import { type Schedule, runSchedules } from './schedules.js';

export interface DbosEngineOptions {
  /** Role that works with rows, on a database that `prepareEngine` has made ready. */
  readonly appUrl: string;
  readonly pool: Pool;
  readonly host: string;
  /** Of Arbiter, as `arbiter status` shows it. */
  readonly version: string;
  /** Workflows that this process runs at once, in each queue. */
  readonly concurrency: number;
  readonly maxBacklog: number;
  /** How often a queue is looked at when nothing was heard. */
  readonly pollMs?: number;
}

const sweepEveryMs = 900;
const hourMs = 3_600_000;
/** A database that is restarted just now is waited for: 0.1 s, 0.2 s, 0.4 s … */
const startTries = 6;
/** DBOS keeps what it runs in the process: there can be one at a time. */
let launched = false;

/** Durable execution on DBOS. @see docs/decisions/0009-durable-engine.md */
export function createDbosEngine(options: DbosEngineOptions): Engine & { executors(): Promise<readonly Executor[]> } {
  const { pool } = options;
  const workflows = new Map<string, Workflow>();
  const schedules: Schedule[] = [];
  let worker: Worker | null = null;
  let stopping: Promise<void> | null = null;
  const { close, ...client } = createEngineClient({ ...options, woken: (queue) => worker?.dispatcher.wake(queue) });
  return {
    ...client,
    register(name, workflow) {
      workflows.set(name, workflow);
    },
    schedule(name, everyMs, run) {
      schedules.push({ name, everyMs, run });
    },
    async start() {
      const forget = { name: 'forget-ended', everyMs: hourMs, run: () => forgetEnded(pool, 24 * hourMs) };
      for (let tries = 0; worker === null; tries += 1) {
        try {
          worker = await startWorker(options, workflows, [...schedules, forget]);
        } catch (error) {
          if (isFault(error, 'EXECUTOR_TAKEN') || stopping !== null || tries >= startTries) throw startFault(error);
          await sleep(100 * 2 ** tries);
        }
      }
      return { executor: worker.slot.id };
    },
    executors: () => listExecutors(pool),
    stop(graceMs = 0) {
      stopping ??= (async () => {
        await close();
        await worker?.stop(graceMs);
        worker = null;
      })();
      return stopping;
    },
  };
}

interface Worker {
  readonly slot: ExecutorSlot;
  readonly dispatcher: Dispatcher;
  stop(graceMs: number): Promise<void>;
}

async function startWorker(
  options: DbosEngineOptions,
  workflows: ReadonlyMap<string, Workflow>,
  schedules: readonly Schedule[],
): Promise<Worker> {
  if (launched) {
    throw new Fault<EngineFaultCode>('EXECUTOR_TAKEN', 'this process is a worker already', {
      mend: 'start another process: arbiter up --workers N',
    });
  }
  launched = true;
  const running = createRunning();
  const dispatcher = createDispatcher(Math.max(1000, options.pollMs ?? 1000));
  const slot = await takeSlot({
    url: options.appUrl,
    host: options.host,
    version: options.version,
    channels: [wakeChannel, cancelChannel],
    heard(channel, payload) {
      if (channel === cancelChannel) running.cancel(payload);
      else if (isQueueName(payload)) dispatcher.wake(payload);
    },
  }).catch((error: unknown) => {
    launched = false;
    throw error;
  });
  const sessions = openSessions(options.appUrl);
  const shutdown = async (): Promise<void> => {
    await inQuiet(() => DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: 1 })).catch(() => undefined);
    await Promise.race([sessions.end().catch(() => undefined), sleep(1000, undefined, { ref: false })]);
  };
  try {
    // What dead executors left behind is found before anything new is begun.
    await takeOverDead(slot, applicationVersion);
    await launch(options, slot, { workflows, running, dispatcher, sessions });
  } catch (error) {
    // What was launched by half would keep the process from ever ending.
    await shutdown();
    await slot.release();
    launched = false;
    throw error;
  }
  const turns = runSchedules(slot, schedules);
  const sweeping = sweep(options.pool, slot, running, dispatcher);
  for (const queue of queueNames) dispatcher.wake(queue);
  return {
    slot,
    dispatcher,
    async stop(graceMs) {
      dispatcher.stop();
      sweeping.stop();
      await Promise.race([running.empty(), sleep(graceMs, undefined, { ref: false })]);
      running.stopAll(new Error('the engine stops'));
      await turns.stop();
      // What has not ended by now is never reported as ended: the next worker runs it again.
      await Promise.race([running.empty(), sleep(1500, undefined, { ref: false })]);
      await shutdown();
      await giveBack(slot, slot.incarnation, applicationVersion).catch(() => 0);
      await slot.release();
      launched = false;
    },
  };
}

function startFault(error: unknown): Fault<string> {
  if (isFault(error)) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new Fault<EngineFaultCode>('ENGINE_UNAVAILABLE', `the engine does not start: ${said}`, {
    mend: 'arbiter db status says where the database is; see that it answers, and try again',
    cause: error,
  });
}

interface Room {
  readonly sessions: Pool;
  readonly workflows: ReadonlyMap<string, Workflow>;
  readonly running: Running;
  readonly dispatcher: Dispatcher;
}

async function launch(options: DbosEngineOptions, slot: ExecutorSlot, room: Room): Promise<void> {
  for (const [name, workflow] of room.workflows) {
    DBOS.registerWorkflow((input: Json) => runOne(workflow, input, room), { name, maxRecoveryAttempts: 1_000_000 });
  }
  DBOS.setConfig({
    name: applicationName,
    systemDatabaseUrl: withIdleLimit(options.appUrl),
    systemDatabasePool: room.sessions,
    // Set by the address instead: DBOS sets it by a statement that runs into the first query of a session.
    systemDatabaseIdleTransactionTimeoutMs: 0,
    applicationVersion,
    executorID: slot.incarnation,
    runMigrations: false,
    runAdminServer: false,
    logger: silentLogger,
    listenQueues: [...queueNames],
  });
  await inQuiet(async () => {
    // Before the launch, so that the first look at the queues knows them.
    await registerQueues(options);
    await DBOS.launch();
  });
}

async function registerQueues({ appUrl, pool, concurrency }: DbosEngineOptions): Promise<void> {
  const named = { systemDatabaseUrl: appUrl, systemDatabasePool: pool, applicationName, logger: silentLogger };
  const client = await DBOSClient.create(named);
  // Looked at by our dispatcher; DBOS's own look is as rare as it can be.
  const shared = { minPollingIntervalMs: 120_000, onConflict: 'always_update' } as const;
  await client.registerQueue('tasks', { ...shared, workerConcurrency: concurrency });
  await client.registerQueue('work', { ...shared, workerConcurrency: concurrency, partitionConcurrency: 1 });
}

async function runOne(workflow: Workflow, input: Json, { running, dispatcher }: Room): Promise<Json> {
  const workflowId = DBOS.workflowID ?? '';
  const signal = running.enter(workflowId);
  const context: WorkflowContext = {
    workflowId,
    signal,
    step: (name, run) => DBOS.runStep(run, { name }),
    async receive(topic, timeoutMs) {
      return (await DBOS.recv<Json>(topic, { timeoutSeconds: timeoutMs / 1000 })) ?? null;
    },
    emit: (key, value) => DBOS.setEvent(key, value),
  };
  let isStopped = false;
  try {
    return await workflow(input, context);
  } finally {
    isStopped = signal.aborted && signal.reason instanceof Error && signal.reason.message === 'the engine stops';
    running.leave(signal);
    // An end that the engine's own stop has caused is no end: nothing is reported, and the next worker runs it again.
    if (isStopped) await new Promise<never>(() => undefined);
    dispatcher.ends(workflowId);
  }
}

/** Finds cancelled workflows whose word was lost, the work of executors that are no more, and claims nobody heard of. */
function sweep(pool: Pool, slot: ExecutorSlot, running: Running, dispatcher: Dispatcher): { stop(): void } {
  let stopped = false;
  const giveBackForgotten = createForgottenLook(slot, applicationVersion, (id) => dispatcher.isRunning(id));
  const loop = async (): Promise<void> => {
    while (!stopped) {
      await sleep(sweepEveryMs * (0.8 + Math.random() * 0.4), undefined, { ref: false });
      if (stopped) return;
      try {
        await running.look(pool, slot.incarnation);
        const taken =
          (slot.isSteady() ? await takeOverDead(slot, applicationVersion) : 0) + (await giveBackForgotten());
        if (taken > 0) for (const queue of queueNames) dispatcher.wake(queue);
      } catch {
        // The database is away: it is asked again in a moment.
      }
    }
  };
  void loop();
  return {
    stop() {
      stopped = true;
    },
  };
}
