import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentBreaker } from '../../src/app/registry/open-registry.js';
import { teach } from '../../src/app/routing/teach.js';
import { followTask } from '../../src/app/tasks/follow-task.js';
import { serveTasks } from '../../src/app/tasks/serve-tasks.js';
import { submitTask } from '../../src/app/tasks/submit-task.js';
import { makeUlid } from '../../src/core/ids.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { armKey } from '../../src/core/routing/arm.js';
import { type Recording, recordedAttemptSchema } from '../../src/core/tasks/recording.js';
import type { Task, TaskRequest } from '../../src/core/tasks/task.js';
import type { TaskEvent, TaskEventOf } from '../../src/core/tasks/task-event.js';
import type { RecordedDecision, RoutedOutcome } from '../../src/ports/route-store.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { type World, governed, product, quickConfig } from './world.js';

/** Spend of one recorded attempt: all that a test can tell attempts apart by. */
export const spend = (micro_usd: number) => ({ micro_usd, input_tokens: 10, output_tokens: 1, turns: 1, wall_ms: 5 });

/** A repository whose router is set as told, with the patches that recordings hand in. */
export interface Ground {
  readonly repository: ScratchRepository & { readonly base: string };
  /** The honest fix, its first half, and one that breaks a price. */
  readonly patches: { readonly whole: string; readonly source: string; readonly wrong: string };
}

/** `routing`: what is added to the configuration; `more`: files beside the product. */
export async function layGround(
  world: World,
  routing: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Ground> {
  const repository = await governed(world, { '.caws/arbiter.yaml': `${quickConfig}${routing}`, ...more });
  const text = product['src/postage.js'] ?? '';
  const source = text.replace('grams < 500', 'grams <= 500');
  const test = (product['test/postage.test.js'] ?? '').replace(
    "  it('charges a parcel'",
    "  it('charges 500 grams', () => assert.equal(postage(500), 390));\n  it('charges a parcel'",
  );
  const patchOf = async (files: Readonly<Record<string, string>>): Promise<string> => {
    await repository.branch('patch', repository.base);
    const git = await world.ports.git.open(repository.directory);
    try {
      const head = await git.resolveCommit(await repository.commit('patch', files));
      const change = await git.measure(await git.resolveCommit(repository.base), head.tree, head.id);
      let patch = '';
      for await (const chunk of git.diff(change)) patch += new TextDecoder().decode(chunk);
      return patch;
    } finally {
      await git.close();
      await repository.branch('main', repository.base);
    }
  };
  return {
    repository,
    patches: {
      whole: await patchOf({ 'src/postage.js': source, 'test/postage.test.js': test }),
      source: await patchOf({ 'src/postage.js': source }),
      wrong: await patchOf({ 'src/postage.js': text.replace('return 390', 'return 380') }),
    },
  };
}

/** A world's runtime, whose tasks this process works on. */
export async function openServed({ ports }: World): Promise<OpenRuntime> {
  const runtime = await ports.runtime.open(new AbortController().signal);
  await serveTasks(ports, runtime, () => undefined, new AbortController().signal);
  return runtime;
}

/** Puts agents that repeat what is given in the place of all others. */
export async function setAgents(
  world: World,
  runtime: OpenRuntime,
  agents: Readonly<Record<string, readonly object[]>>,
): Promise<void> {
  for (const old of await runtime.agents.list()) await runtime.agents.remove(old.name);
  for (const [name, attempts] of Object.entries(agents)) {
    const file = recordAgent(world, name, attempts);
    await runtime.agents.put(agentProfileSchema.parse({ name, kind: 'replay', file, limits: { concurrency: 4 } }));
  }
}

/** Writes what an agent repeats from now on, and answers into which file. */
export function recordAgent(world: World, name: string, attempts: readonly object[]): string {
  const parsed = attempts.map((attempt) => recordedAttemptSchema.parse(attempt));
  const recording: Recording = { version: 1, agent: name, model: 'recorded', attempts: parsed };
  const file = join(world.home, `${name}.json`);
  writeFileSync(file, JSON.stringify(recording));
  return file;
}

export async function submit(
  world: World,
  runtime: OpenRuntime,
  ground: Ground,
  more: Partial<TaskRequest> = {},
): Promise<string> {
  const request: TaskRequest = {
    words: 'A parcel of exactly 500 grams costs 390 cents',
    repository: ground.repository.directory,
    spec: 'POST-001',
    base: null,
    agents: [],
    candidates: 1,
    bounds: { micro_usd: 1_000_000, tokens: null, turns: null, wall_ms: 600_000 },
    priority: 500,
    deadline_ms: null,
    dedup_key: null,
    refinements: 0,
    key: null,
    ...more,
  };
  return (await submitTask(world.ports, runtime, request)).task.id;
}

export async function run(
  world: World,
  runtime: OpenRuntime,
  ground: Ground,
  more: Partial<TaskRequest> = {},
): Promise<Task> {
  return follow(world, runtime, await submit(world, runtime, ground, more));
}

/** Waits for a task's end. */
export function follow({ context, ports }: World, runtime: OpenRuntime, id: string): Promise<Task> {
  return followTask(runtime, id, context, { clock: ports.clock });
}

/** Waits until the one trial of an agent's half-open breaker is a task's. */
export async function waitForTrial(runtime: OpenRuntime, agent: string, taskId: string): Promise<void> {
  const trialBy = async () => (await runtime.registry.read(null)).breakers.get(agentBreaker(agent))?.trial_by;
  while ((await trialBy()) !== taskId) await new Promise((resolve) => setTimeout(resolve, 20));
}

export async function eventsOf(runtime: OpenRuntime, id: string): Promise<readonly TaskEvent[]> {
  return (await runtime.tasks.readEvents(id)).map(({ event }) => event);
}

export function only<Type extends TaskEvent['type']>(events: readonly TaskEvent[], type: Type): TaskEventOf<Type>[] {
  return events.filter((event): event is TaskEventOf<Type> => event.type === type);
}

/** Decisions of a task once each chosen agent's outcome was learned: moments after the task has ended. */
export async function settled(runtime: OpenRuntime, id: string, count = 1): Promise<readonly RecordedDecision[]> {
  for (;;) {
    const decisions = await runtime.routes.ofTask(id);
    const isSettled = ({ decision, outcomes }: RecordedDecision): boolean =>
      outcomes.length >= count && outcomes.some(({ agent }) => agent === decision.chosen);
    if (decisions.every(isSettled)) return decisions;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What an agent came to, told of some task that there never was. */
export interface Past {
  readonly agent: string;
  readonly reward: 0 | 1;
  readonly costMicroUsd: number;
  readonly latencyMs: number;
}

/** Tells the router so many outcomes of an agent, at the kind of task that a decision of some task was about. */
export async function tellPast(
  { routes }: OpenRuntime,
  { decision, repository }: RecordedDecision,
  { agent, reward, ...came }: Past,
  count: number,
): Promise<void> {
  const arm = decision.eligible.find((one) => one.arm.agent === agent)?.arm;
  if (arm === undefined) throw new Error(`${agent} did not stand for choice`);
  for (let index = 0; index < count; index += 1) {
    const made = { ...decision, id: makeUlid(Date.now(), randomBytes(10)), chosen: agent };
    const past = { ...made, task_id: makeUlid(Date.now(), randomBytes(10)), plan: { kind: 'single' as const, agent } };
    await routes.record(past, repository);
    const told = {
      decisionId: past.id,
      arm: armKey(arm),
      agent,
      reward,
      ...came,
      mends: 0,
      failure: null,
      revision: 1,
    };
    const outcome: RoutedOutcome = { ...told, verdict: reward === 1 ? 'PASS' : 'FAIL', atMs: Date.now() };
    await routes.settle(outcome, past.scope, (memory, before) => teach(memory, { decision: past, outcome, before }));
  }
}
