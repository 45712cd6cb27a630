import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../core/fault.js';
import type {
  Engine,
  EngineFaultCode,
  Json,
  QueueName,
  StartOptions,
  Workflow,
  WorkflowContext,
  WorkflowState,
} from '../../ports/engine.js';

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
  readonly queue: QueueName;
  readonly lane: string | null;
  readonly priority: number;
  readonly createdMs: number;
  readonly order: number;
  notBeforeMs: number;
  state: WorkflowState;
  output: Json;
  error: string | null;
  /** Answers of steps, in order. */
  readonly steps: Json[];
  readonly emitted: Map<string, Json>;
  readonly inbox: Map<string, Json[]>;
  readonly delivered: Set<string>;
  controller: AbortController | null;
  wake: () => void;
}

/** The engine's promises without a database: for tests of what runs on it. Nothing survives the process. */
export function createMemoryEngine(
  options: { readonly concurrency?: number; readonly maxBacklog?: number } = {},
): Engine {
  const { concurrency = 16, maxBacklog = 10_000 } = options;
  const workflows = new Map<string, Workflow>();
  const entries = new Map<string, Entry>();
  const timers: NodeJS.Timeout[] = [];
  const schedules: { everyMs: number; run: (signal: AbortSignal) => Promise<void> }[] = [];
  const stopping = new AbortController();
  let isServing = false;
  let order = 0;

  const find = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry !== undefined) return entry;
    throw fault('UNKNOWN_WORKFLOW', `the workflow ${id} is not there`);
  };
  const inState = (state: WorkflowState): Entry[] => [...entries.values()].filter((entry) => entry.state === state);
  const mayStart = (entry: Entry, nowMs: number): boolean => {
    if (!workflows.has(entry.name) || entry.notBeforeMs > nowMs) return false;
    const running = inState('running').filter((other) => other.queue === entry.queue);
    if (running.length >= concurrency) return false;
    return entry.lane === null || !running.some((other) => other.lane === entry.lane);
  };
  const dispatch = (): void => {
    if (!isServing || stopping.signal.aborted) return;
    const waiting = inState('enqueued').sort((a, b) => a.priority - b.priority || a.order - b.order);
    for (const entry of waiting) if (mayStart(entry, Date.now())) void run(entry);
  };
  const run = async (entry: Entry): Promise<void> => {
    const workflow = workflows.get(entry.name);
    if (workflow === undefined) return;
    entry.state = 'running';
    entry.controller = new AbortController();
    const { signal } = entry.controller;
    try {
      const output = await workflow(entry.input, contextOf(entry, signal));
      finish(entry, 'succeeded', output, null);
    } catch (error) {
      if (stopping.signal.aborted && entry.state === 'running') entry.state = 'enqueued';
      else finish(entry, 'failed', null, error instanceof Error ? error.message : String(error));
    } finally {
      dispatch();
    }
  };
  const finish = (entry: Entry, state: WorkflowState, output: Json, error: string | null): void => {
    if (entry.state === 'running') Object.assign(entry, { state, output, error });
  };
  const contextOf = (entry: Entry, signal: AbortSignal): WorkflowContext => {
    let place = 0;
    return {
      workflowId: entry.id,
      signal,
      async step<T extends Json>(_name: string, work: () => Promise<T>): Promise<T> {
        const at = place++;
        // What a step answered is answered again, as JSON has kept it.
        if (at >= entry.steps.length) entry.steps[at] = copy(await work());
        return entry.steps[at] as T;
      },
      async receive(topic, timeoutMs) {
        const untilMs = Date.now() + timeoutMs;
        for (;;) {
          const value = entry.inbox.get(topic)?.shift();
          if (value !== undefined) return value;
          const leftMs = untilMs - Date.now();
          if (leftMs <= 0 || signal.aborted) return null;
          const told = new Promise<void>((resolve) => (entry.wake = resolve));
          await Promise.race([told, sleep(Math.min(leftMs, 50))]);
        }
      },
      async emit(key, value) {
        entry.emitted.set(key, copy(value));
      },
    };
  };
  const add = (name: string, input: Json, start: StartOptions, steps: Json[] = []): void => {
    if (entries.has(start.id)) return;
    if (inState('enqueued').length >= maxBacklog) throw fault('QUEUE_FULL', `${maxBacklog} workflows wait already`);
    entries.set(start.id, {
      id: start.id,
      name,
      input: copy(input),
      queue: start.queue,
      lane: start.lane ?? null,
      priority: start.priority ?? 500,
      createdMs: Date.now(),
      order: (order += 1),
      notBeforeMs: Date.now() + (start.delayMs ?? 0),
      state: 'enqueued',
      output: null,
      error: null,
      steps,
      emitted: new Map(),
      inbox: new Map(),
      delivered: new Set(),
      controller: null,
      wake: () => undefined,
    });
    if (start.delayMs !== undefined) timers.push(setTimeout(dispatch, start.delayMs + 1));
    dispatch();
  };

  return {
    register: (name, workflow) => void workflows.set(name, workflow),
    schedule: (_name, everyMs, work) => void schedules.push({ everyMs, run: work }),
    async start() {
      isServing = true;
      for (const { everyMs, run: work } of schedules) {
        timers.push(setInterval(() => void work(stopping.signal).catch(() => undefined), everyMs));
      }
      dispatch();
      return { executor: 'memory/0' };
    },
    enqueue: async (name, input, start) => add(name, input, start),
    async send(id, topic, value, key) {
      const entry = find(id);
      if (entry.delivered.has(key)) return;
      entry.delivered.add(key);
      entry.inbox.set(topic, [...(entry.inbox.get(topic) ?? []), copy(value)]);
      entry.wake();
    },
    state: async (id, key) => entries.get(id)?.emitted.get(key) ?? null,
    async result(id, timeoutMs) {
      const untilMs = Date.now() + timeoutMs;
      for (;;) {
        const entry = find(id);
        if (entry.state === 'succeeded') return entry.output;
        if (entry.state === 'cancelled') throw fault('WORKFLOW_CANCELLED', `the workflow ${id} was cancelled`);
        if (entry.state === 'failed') throw fault('WORKFLOW_FAILED', `the workflow ${id} failed: ${entry.error ?? ''}`);
        if (Date.now() >= untilMs) return null;
        await sleep(2);
      }
    },
    async cancel(id) {
      const entry = find(id);
      if (entry.state !== 'enqueued' && entry.state !== 'running') return;
      entry.state = 'cancelled';
      entry.controller?.abort(new Error('the workflow was cancelled'));
      dispatch();
    },
    async resume(id) {
      const entry = find(id);
      if (entry.state !== 'cancelled' && entry.state !== 'failed') return;
      entry.state = 'enqueued';
      dispatch();
    },
    async fork(id, fromStep, newId) {
      const { name, input, queue, steps } = find(id);
      add(name, input, { id: newId, queue }, steps.slice(0, fromStep));
    },
    async list(filter = {}) {
      return [...entries.values()]
        .filter((entry) => filter.states === undefined || filter.states.includes(entry.state))
        .filter((entry) => entry.id.startsWith(filter.prefix ?? ''))
        .map(({ id, name, state, queue, lane, createdMs }) => ({
          id,
          name,
          state,
          queue,
          lane,
          createdMs,
          executor: state === 'enqueued' ? null : 'memory/0',
        }));
    },
    async backlog() {
      const count = (queue: QueueName): number => inState('enqueued').filter((entry) => entry.queue === queue).length;
      return { tasks: count('tasks'), work: count('work') };
    },
    async stop(graceMs = 0) {
      if (stopping.signal.aborted) return;
      const untilMs = Date.now() + graceMs;
      while (inState('running').length > 0 && Date.now() < untilMs) await sleep(5);
      stopping.abort(new Error('the engine stops'));
      for (const timer of timers) clearTimeout(timer);
      for (const entry of inState('running')) entry.controller?.abort(stopping.signal.reason);
    },
  };
}

function copy<T extends Json>(value: T): T {
  return JSON.parse(JSON.stringify(value ?? null)) as T;
}

function fault(code: EngineFaultCode, message: string): Fault<EngineFaultCode> {
  return new Fault(code, message, {
    mend: code === 'QUEUE_FULL' ? 'try again in 30 seconds' : 'arbiter task list shows what there is',
  });
}
