import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerTask } from '../../src/app/tasks/answer-task.js';
import { followTask } from '../../src/app/tasks/follow-task.js';
import { serveTasks } from '../../src/app/tasks/serve-tasks.js';
import { submitTask } from '../../src/app/tasks/submit-task.js';
import { storedPleaSchema } from '../../src/app/tasks/stored-plea.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { type Recording, recordedAttemptSchema } from '../../src/core/tasks/recording.js';
import type { Task, TaskRequest } from '../../src/core/tasks/task.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { createWorld, governed, quickConfig } from './world.js';

// The stages of a task with everything real but the agents, which are recordings: what a planner, a refusal and a wish for
// more scope come to.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const config = `${quickConfig}tasks:
  decompose:
    POST-002: acceptance
    POST-003:
      - { id: source, words: mend the source, scope: [src], after: [] }
      - { id: proof, words: show it, scope: [test], after: [source] }
  planner: planner
`;
const spec = (id: string): string => `id: ${id}
title: A parcel of exactly 500 grams is a letter
risk_tier: 3
mode: fix
lifecycle_state: active
blast_radius: { modules: [src/postage.js], data_migration: false }
operational_rollback_slo: 1h
scope: { in: [src, test], out: [src/legacy] }
invariants: [Prices never fall when weight rises.]
acceptance:
  - { id: A1, given: a parcel of exactly 500 grams, when: postage is computed, then: it costs 390 cents }
  - { id: A2, given: a parcel of 501 grams, when: postage is computed, then: it costs 690 cents }
non_functional: { security: [] }
contracts: []
`;
let repository: ScratchRepository & { readonly base: string };
let runtime: OpenRuntime;
let patches: { source: string; whole: string; nothing: string };

async function patchOf(files: Readonly<Record<string, string>>): Promise<string> {
  await repository.branch('patch', repository.base);
  const git = await world.ports.git.open(repository.directory);
  try {
    const head = await git.resolveCommit(await repository.commit('patch', files));
    const change = await git.measure(await git.resolveCommit(repository.base), head.tree, head.id);
    let text = '';
    for await (const chunk of git.diff(change)) text += new TextDecoder().decode(chunk);
    return text;
  } finally {
    await git.close();
    await repository.branch('main', repository.base);
  }
}

async function addAgent(name: string, attempts: readonly object[]): Promise<void> {
  const recording: Recording = {
    version: 1,
    agent: name,
    model: 'recorded',
    attempts: attempts.map((attempt) => recordedAttemptSchema.parse(attempt)),
  };
  const file = join(world.home, `${name}.json`);
  writeFileSync(file, JSON.stringify(recording));
  await runtime.agents.put(agentProfileSchema.parse({ name, kind: 'replay', file, limits: { concurrency: 4 } }));
}

async function run(more: Partial<TaskRequest>): Promise<Task> {
  const request: TaskRequest = {
    words: 'A parcel of exactly 500 grams costs 390 cents',
    repository: repository.directory,
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
  const { task } = await submitTask(world.ports, runtime, request);
  return followTask(runtime, task.id, world.context, { clock: world.ports.clock });
}

const typesOf = async (task: Task): Promise<string[]> =>
  (await runtime.tasks.readEvents(task.id)).map(({ event }) => event.type);

beforeAll(async () => {
  repository = await governed(world, {
    '.caws/arbiter.yaml': config,
    '.caws/specs/POST-002.yaml': spec('POST-002'),
    '.caws/specs/POST-003.yaml': spec('POST-003'),
    '.caws/specs/POST-004.yaml': spec('POST-004'),
    '.caws/specs/POST-009.yaml': 'id: POST-009\n',
  });
  const files = world.ports.files;
  const read = async (path: string): Promise<string> =>
    new TextDecoder().decode(await files.readFile(join(repository.directory, path)));
  const source = (await read('src/postage.js')).replace('grams < 500', 'grams <= 500');
  const test = (await read('test/postage.test.js')).replace(
    "  it('charges a parcel'",
    "  it('charges 500 grams', () => assert.equal(postage(500), 390));\n  it('charges a parcel'",
  );
  patches = {
    source: await patchOf({ 'src/postage.js': source }),
    whole: await patchOf({ 'src/postage.js': source, 'test/postage.test.js': test }),
    nothing: '',
  };
  runtime = await world.ports.runtime.open(new AbortController().signal);
  await serveTasks(world.ports, runtime, () => undefined, new AbortController().signal);
  await addAgent('honest', [
    { patch: patches.whole, spend: { micro_usd: 7, input_tokens: 1, output_tokens: 1, turns: 1, wall_ms: 1 } },
  ]);
  await addAgent('parts', [
    {
      patch: patches.whole,
      chunks: { source: patches.source, proof: patches.whole, A1: patches.source, A2: patches.whole },
    },
  ]);
});
afterAll(async () => {
  await runtime.close();
  await world.close();
});

describe('tasks of one base', () => {
  it('are judged side by side: none takes away what another is just writing', async () => {
    // The first of all, while nothing is known of the base yet.
    const tasks = await Promise.all([1, 2, 3, 4].map(() => run({ agents: ['honest'] })));
    expect(tasks.map(({ state, reason }) => [state, reason])).toEqual([1, 2, 3, 4].map(() => ['accepted', null]));
  });
});

describe('a task that is divided', () => {
  it('by its acceptance criteria: part after part, examined as one change', async () => {
    const task = await run({ spec: 'POST-002', agents: ['parts'] });
    expect(task).toMatchObject({ state: 'accepted', chunks: [{ id: 'A1' }, { id: 'A2', after: ['A1'] }] });
    expect((await typesOf(task)).filter((type) => type === 'chunk-finished' || type === 'plea-submitted')).toEqual([
      'chunk-finished',
      'plea-submitted',
    ]);
    const plea = task.candidates[0]?.plea;
    const stored = storedPleaSchema.parse(
      JSON.parse(new TextDecoder().decode(await runtime.tasks.getContent(plea?.sha256 ?? ''))),
    );
    expect(stored.plea.rationale.summary).toBe('replayed\nreplayed');
    expect(new TextDecoder().decode(await runtime.tasks.getContent(plea?.patch ?? ''))).toBe(patches.whole);
  });

  it('by the parts that the configuration names, in their order', async () => {
    const task = await run({ spec: 'POST-003', agents: ['parts'] });
    expect(task).toMatchObject({ state: 'accepted', chunks: [{ id: 'source' }, { id: 'proof' }] });
  });

  it('by the planner; a planner that draws a circle or is not there leaves the task whole', async () => {
    const missing = await run({ spec: 'POST-004', agents: ['honest'] });
    expect(missing).toMatchObject({ state: 'accepted', chunks: [{ id: 'whole' }] });
    const part = (id: string, after: string[]) => ({ id, words: id, scope: [], after });
    const spend = { micro_usd: 3, input_tokens: 1, output_tokens: 1, turns: 1, wall_ms: 1 };
    await addAgent('planner', [{ answer: { chunks: [part('source', ['proof']), part('proof', ['source'])] } }]);
    expect(await run({ spec: 'POST-004', agents: ['honest'] })).toMatchObject({ chunks: [{ id: 'whole' }] });
    await addAgent('planner', [
      { answer: { chunks: [part('proof', ['source']), part('source', [])] }, plan_spend: spend },
    ]);
    const planned = await run({ spec: 'POST-004', agents: ['parts'] });
    expect(planned).toMatchObject({ state: 'accepted', chunks: [{ id: 'source' }, { id: 'proof' }] });
    expect(planned.spend.micro_usd).toBe(3);
    await addAgent('planner', [{ answer: { pieces: [] } }]);
    expect(await run({ spec: 'POST-004', agents: ['honest'] })).toMatchObject({ chunks: [{ id: 'whole' }] });
  });
});

describe('a task that asks a human', () => {
  it('for more scope: waits, and starts anew on the base that a human amended', async () => {
    await addAgent('asker', [
      { outcome: { kind: 'amendment', paths: ['lib'], why: 'the function lives there' } },
      { patch: patches.whole },
    ]);
    const waiting = await run({ agents: ['asker'] });
    expect(waiting).toMatchObject({ state: 'awaiting-amendment', reason: { code: 'AMENDMENT_REQUESTED' } });
    await answerTask(runtime, waiting.id, { base: repository.base, by: 'ann', nowMs: Date.now() });
    const task = await followTask(runtime, waiting.id, world.context, { clock: world.ports.clock });
    expect(task).toMatchObject({ state: 'accepted', attempt: 2 });
  });

  it('because the spec cannot be met, which is an honest end', async () => {
    await addAgent('frank', [{ outcome: { kind: 'infeasible', clause: 'A1', evidence: 'the law forbids it' } }]);
    const task = await run({ agents: ['frank'] });
    expect(task).toMatchObject({ state: 'awaiting-amendment', reason: { code: 'PLEADED_INFEASIBLE' } });
    expect(task.reason?.message).toContain('the law forbids it');
  });
});

describe('a task that meets trouble', () => {
  it('an endpoint that is busy once is asked again; one that refuses its key is not', async () => {
    await addAgent('busy', [
      { fails: { code: 'ENDPOINT_BUSY', message: 'too many requests', again: true } },
      { patch: patches.whole },
    ]);
    expect(await run({ agents: ['busy'] })).toMatchObject({ state: 'accepted', attempt: 2 });
    await addAgent('locked', [{ fails: { code: 'AGENT_REFUSED_KEY', message: 'the key is wrong' } }]);
    const task = await run({ agents: ['locked'] });
    expect(task).toMatchObject({ state: 'failed', attempt: 1, reason: { code: 'AGENT_REFUSED_KEY' } });
  });

  it('a spec that is not valid refuses it before any agent is asked', async () => {
    const task = await run({ spec: 'POST-009', agents: ['honest'] });
    expect(task).toMatchObject({ state: 'rejected', spend: { micro_usd: 0 }, reason: { code: 'spec.invalid' } });
    expect(await run({ spec: 'NO-001', agents: ['honest'] })).toMatchObject({
      state: 'rejected',
      reason: { code: 'SPEC_NOT_FOUND' },
    });
  });

  it('money that is spent ends it, and is counted', async () => {
    const bounds = { micro_usd: 5, tokens: null, turns: null, wall_ms: 600_000 };
    const task = await run({ agents: ['honest'], bounds });
    expect(task).toMatchObject({ state: 'failed', reason: { code: 'BOUND_REACHED' } });
  });

  it('a patch that does not apply is a named end, not a lost task', async () => {
    await addAgent('broken', [{ plan: { files: [] }, patch: patches.whole.replaceAll('grams', 'pounds') }]);
    const task = await run({ agents: ['broken'] });
    expect(['failed', 'rejected']).toContain(task.state);
    expect(task.reason?.message).toContain('does not apply');
  });

  it('an agent that was removed while the task waited for it is passed over', async () => {
    const task = await run({ agents: ['nobody', 'honest'] });
    expect(task).toMatchObject({ state: 'accepted', ladder: ['honest'] });
  });
});
