import { type AgentProfile, agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { type TaskRequest, endStates, taskStateSchema } from '../../src/core/tasks/task.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { Home } from './home.js';
import { product } from './product.js';

/** The agent of a bench; so many at a time as an agent may be allowed. */
export function benchAgent(file: string | null, concurrency = 64): AgentProfile {
  return agentProfileSchema.parse({ name: 'bench', kind: 'replay', file, limits: { concurrency } });
}

/** What is asked for; with an agent named a task waits in its lane at once, else it is governed first, in a leg before. */
export function requestOf(repository: string, more: Partial<TaskRequest> = {}): TaskRequest {
  return {
    words: 'A parcel of exactly 500 grams must cost 390 cents, like a letter.',
    repository,
    spec: null,
    base: null,
    agents: [],
    candidates: 1,
    bounds: { micro_usd: 1_000_000, tokens: null, turns: 60, wall_ms: 600_000 },
    priority: 500,
    deadline_ms: null,
    dedup_key: null,
    refinements: 0,
    key: null,
    ...more,
  };
}

/** Submits tasks, sixteen at a time; answers their ids. */
export async function submitMany(
  home: Home,
  runtime: OpenRuntime,
  request: TaskRequest,
  count: number,
): Promise<string[]> {
  const { submitTask } = await product<typeof import('../../src/app/tasks/submit-task.js')>('app/tasks/submit-task');
  const ids: string[] = [];
  const submit = async (): Promise<void> => {
    while (ids.length < count) {
      const place = ids.push('') - 1;
      ids[place] = (await submitTask(home.ports, runtime, request)).task.id;
    }
  };
  await Promise.all(Array.from({ length: 16 }, submit));
  return ids;
}

const openStates = taskStateSchema.options.filter((state) => !endStates.includes(state));

/** Waits until no task is open. @throws after `limitMs`, saying how many are left */
export async function waitForEnds({ tasks }: OpenRuntime, limitMs: number): Promise<void> {
  const until = Date.now() + limitMs;
  while ((await tasks.list({ states: openStates, limit: 1 })).length > 0) {
    if (Date.now() > until) {
      const left = await tasks.list({ states: openStates, limit: 1000 });
      throw new Error(`${left.length} tasks are still open after ${limitMs} ms: ${left[0]?.state ?? ''}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
