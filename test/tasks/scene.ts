import { createMemoryEngine } from '../../src/adapters/memory/memory-engine.js';
import { createMemoryStores } from '../../src/adapters/memory/memory-stores.js';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import { driveTask } from '../../src/app/tasks/drive-task.js';
import { legWorkflow } from '../../src/app/tasks/lanes.js';
import type { Stages } from '../../src/app/tasks/stages.js';
import { submitTask } from '../../src/app/tasks/submit-task.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { nothingSpent } from '../../src/core/tasks/spend.js';
import { type Task, type TaskRequest, isEnded, waitingStates } from '../../src/core/tasks/task.js';
import type { TaskEvent } from '../../src/core/tasks/task-event.js';
import type { Engine } from '../../src/ports/engine.js';
import type { AgentStore, TaskStore } from '../../src/ports/task-store.js';

const sha = 'a'.repeat(64);

/** Events of stages that do nothing, as a stage with real work would tell them. */
export const told = {
  admitted: (): TaskEvent => ({
    type: 'task-admitted',
    at_ms: Date.now(),
    base: 'b'.repeat(40),
    spec_id: 'S-1',
    spec_sha256: sha,
    policy_sha256: null,
  }),
  planned: (): TaskEvent => ({
    type: 'task-planned',
    at_ms: Date.now(),
    chunks: [{ id: 'whole', words: 'w', scope: [], after: [] }],
    by: 'whole',
    spend: nothingSpent,
  }),
  pleaded: (candidate: number): TaskEvent => ({
    type: 'plea-submitted',
    at_ms: Date.now(),
    candidate,
    plea: sha,
    patch: sha,
    worker: { agent: 'a', version: '1', model: 'm' },
    spend: { ...nothingSpent, micro_usd: 5 },
  }),
  verdict: (candidate: number, outcome: 'PASS' | 'FAIL' | 'WAIVER_REQUIRED', mendable = true): TaskEvent => ({
    type: 'verdict-reached',
    at_ms: Date.now(),
    candidate,
    verdict_id: 'V',
    outcome,
    sha256: sha,
    findings: sha,
    headline: outcome,
    mendable,
    cost: 1,
  }),
};

/** Stages that answer at once; a test replaces those that it is about. */
export function quickStages(more: Partial<Stages> = {}): Stages {
  return {
    admit: async () => told.admitted(),
    decompose: async () => told.planned(),
    route: async (task) => ({
      type: 'worker-chosen',
      at_ms: Date.now(),
      ladder: task.request.agents.length === 0 ? ['quick'] : [...task.request.agents],
    }),
    review: async (task) => {
      const steps = task.ladder.slice(task.rung);
      const [next = 'quick'] = steps;
      const figures = { about: next, success: 1, stop_below: 0, cost_micro_usd: 0, left_micro_usd: null };
      return { type: 'plan-reviewed', at_ms: Date.now(), steps, next, because: 'worth-it', ...figures };
    },
    startWork: (task) => ({ type: 'work-started', at_ms: Date.now(), agents: [task.ladder[task.rung] ?? 'quick'] }),
    work: async (_task, candidate, happened) => void (await happened(told.pleaded(candidate))),
    examine: async (_task, candidate) => ({
      type: 'plea-examined',
      at_ms: Date.now(),
      candidate,
      result: 'clean',
      files: 1,
      lines: 1,
      open: [],
    }),
    judge: async (_task, candidate) => told.verdict(candidate, 'PASS'),
    record: async () => ({
      type: 'verdict-recorded',
      at_ms: Date.now(),
      files: { verdict: '/v', signature: null },
      kept: null,
    }),
    learn: async () => undefined,
    ...more,
  };
}

export interface Scene {
  readonly tasks: TaskStore;
  readonly agents: AgentStore;
  readonly engine: Engine;
  submit(more?: Partial<TaskRequest>): Promise<Task>;
  /** The task once it has ended or waits for a human. */
  settled(id: string, ms?: number): Promise<Task>;
  /** Types of its events, in order. */
  types(id: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Tasks driven in this process's memory, with the stages given. */
export async function openScene(stages: Stages, agentNames: readonly string[] = ['quick']): Promise<Scene> {
  const { tasks, agents } = createMemoryStores();
  const engine = createMemoryEngine();
  for (const name of agentNames) {
    await agents.put(agentProfileSchema.parse({ name, kind: 'replay', file: '/none', limits: { concurrency: 2 } }));
  }
  const driver = {
    store: tasks,
    engine,
    stages,
    findAgent: async (name: string) => (await agents.list()).find((agent) => agent.name === name) ?? null,
    takeTurn: (name: string, perMinute: number) => agents.takeTurn(name, perMinute),
    clock: systemClock,
    executor: () => 'memory/0',
  };
  engine.register(legWorkflow, async (input, { signal }) => {
    await driveTask(driver, input as never, signal);
    return null;
  });
  await engine.start();
  const types = async (id: string): Promise<string[]> => (await tasks.readEvents(id)).map(({ event }) => event.type);
  return {
    tasks,
    agents,
    engine,
    async submit(more = {}) {
      const request: TaskRequest = {
        words: 'make it so',
        repository: '/repository',
        spec: null,
        base: null,
        agents: [],
        candidates: 1,
        bounds: { micro_usd: null, tokens: null, turns: null, wall_ms: 600_000 },
        priority: 500,
        deadline_ms: null,
        dedup_key: null,
        refinements: 1,
        key: null,
        ...more,
      };
      return (await submitTask({ clock: systemClock }, { tasks, agents, engine }, request)).task;
    },
    async settled(id, ms = 10_000) {
      const untilMs = Date.now() + ms;
      for (;;) {
        const { task } = await tasks.read(id);
        if (isEnded(task.state) || waitingStates.includes(task.state)) return task;
        if (Date.now() > untilMs) throw new Error(`task is still ${task.state}: ${(await types(id)).join(', ')}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    types,
    close: () => engine.stop(),
  };
}
