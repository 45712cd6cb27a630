import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryLedger } from '../../src/adapters/memory/memory-ledger.js';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import { openRegistry } from '../../src/app/registry/open-registry.js';
import { createMemoryStores } from '../../src/adapters/memory/memory-stores.js';
import { createHeldCases } from '../../src/app/tasks/held-cases.js';
import { examineCandidate, judgeCandidate } from '../../src/app/tasks/stages/examine-candidate.js';
import { type Verdict, verdictSchema } from '../../src/core/caws/verdict/verdict.js';
import { digestBytes, encodeUtf8 } from '../../src/core/digest.js';
import { type Task, newTask } from '../../src/core/tasks/task.js';
import type { TaskEvent } from '../../src/core/tasks/task-event.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { createWorld } from '../e2e/world.js';
import { createPeople, governedWithApprovers, hasSshKeygen } from '../waiver-world.js';

// Two verdicts that lean on one waiver at once, with real git, real gates and real signatures; the stores are in memory.
const world = createWorld();
const { tasks, agents, leases, routes, retries, rollouts, waivers, registry: rows } = createMemoryStores();
const registry = await openRegistry({ registry: rows, agents }, systemClock);
const { ports } = world;
let repository: ScratchRepository & { readonly base: string };
let patch: string;

beforeAll(async () => {
  if (!hasSshKeygen) return;
  const people = createPeople(world.home, ['ada', 'bob', 'carol', 'grace', 'mallory']);
  repository = await governedWithApprovers(world, people);
  const read = (path: string): string => readFileSync(join(repository.directory, path), 'utf8');
  const long = Array.from({ length: 6000 }, (_, line) => `// ${line}\n`).join('');
  await repository.branch('patch', repository.base);
  const head = await repository.commit('patch', {
    'src/postage.js': `${read('src/postage.js').replace('grams < 500', 'grams <= 500')}${long}`,
    'test/postage.test.js': read('test/postage.test.js').replace(
      "  it('charges a parcel'",
      "  it('charges 500 grams', () => assert.equal(postage(500), 390));\n  it('charges a parcel'",
    ),
  });
  const diff = ['-C', repository.directory, 'diff', '--binary', repository.base, head];
  patch = await tasks.putContent(encodeUtf8(execFileSync('git', diff, { encoding: 'utf8', maxBuffer: 1 << 28 })));
  await repository.branch('main', repository.base);

  const at = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
  const text = `id: WV-0001
title: A price table in one change
status: active
gates: [budget_limit]
reason: The carrier publishes its prices as one table
approved_by: ada@example.org
approvers: [{handle: ada@example.org}]
created_at: "${at(-1)}"
expires_at: "${at(3)}"
delta: {max_files: 0, max_loc: 2000}
`;
  const git = await ports.git.open(repository.directory);
  const repositoryId = await git.repositoryId();
  await git.close();
  await waivers.submit({
    repositoryId,
    id: 'WV-0001',
    sha256: digestBytes(encodeUtf8(text)),
    bytes: encodeUtf8(text),
    specId: 'POST-001',
    taskId: null,
    root: repository.directory,
    requestedBy: 'bob@example.org',
    atMs: Date.now(),
  });
  const signature = readFileSync(people.sign('ada', text), 'utf8');
  await waivers.tell(repositoryId, 'WV-0001', {
    kind: 'approved',
    atMs: Date.now(),
    by: 'ada@example.org',
    keyId: 'k',
    signature,
  });
});
afterAll(() => world.close());

async function pleadedTask(id: string): Promise<Task> {
  const request = {
    words: 'a parcel of 500 grams',
    repository: repository.directory,
    spec: 'POST-001',
    base: null,
    agents: [],
    candidates: 1,
    bounds: { micro_usd: null, tokens: null, turns: null, wall_ms: 60_000 },
    priority: 500,
    deadline_ms: null,
    dedup_key: null,
    refinements: 0,
    key: null,
  };
  const stored = {
    plea: {
      task: id,
      spec_id: 'POST-001',
      base: repository.base,
      worker: { agent: 'a', version: '1', model: 'm' },
      rationale: { summary: 'more', files: [], risks: [], acceptance: [] },
      evidence: [],
    },
    plan: null,
    patch,
    transcript: await tasks.putContent(encodeUtf8('')),
    prompt: { id: 'work@1', sha256: 'a'.repeat(64) },
  };
  const plea = { sha256: await tasks.putContent(encodeUtf8(JSON.stringify(stored))), patch };
  const candidate = { agent: 'a', chunks: [], plan: null, plea, failure: null, examined: null, verdict: null };
  const task = {
    ...newTask(id, request, 1),
    base: repository.base,
    spec_id: 'POST-001',
    candidates: [candidate],
    attempt: 1,
  };
  await tasks.create(task, { type: 'task-submitted', at_ms: 1 }, { maxOpen: 10 });
  return task;
}

/** A leg of its own, which has examined the candidate and will judge it. */
async function openLeg(task: Task) {
  const cases = createHeldCases();
  const context = { signal: new AbortController().signal, tell: () => undefined, cases };
  const stages = {
    ports,
    tasks,
    agents,
    registry,
    routes,
    retries,
    rollouts,
    points: { late: async () => [] },
    waivers,
    workers: ports.workers(leases),
    ledger: createMemoryLedger(),
  };
  expect(await examineCandidate(stages, task, 0, context)).toMatchObject({ result: 'clean' });
  return async (): Promise<Verdict> => {
    try {
      return await storedVerdict(await judgeCandidate(stages, task, 0, context));
    } finally {
      await cases.closeAll();
    }
  };
}

async function storedVerdict(event: TaskEvent): Promise<Verdict> {
  if (event.type !== 'verdict-reached') throw new Error(`no verdict, but ${event.type}`);
  return verdictSchema.parse(ports.documents.read(await tasks.getContent(event.sha256), 'verdict.yaml').value);
}

describe.skipIf(!hasSshKeygen)(hasSshKeygen ? 'one waiver' : 'one waiver (skipped: ssh-keygen missing)', () => {
  it('of two verdicts at once lifts one; judged again after a crash, that one bears the same id', async () => {
    const both = [await pleadedTask('01J00000000000000000000000'), await pleadedTask('01J00000000000000000000001')];
    // Both have seen the waiver as free before either has judged.
    const legs = [await openLeg(both[0] as Task), await openLeg(both[1] as Task)];
    const verdicts = await Promise.all(legs.map((judge) => judge()));
    expect(verdicts.map(({ verdict }) => verdict).toSorted()).toEqual(['PASS', 'WAIVER_REQUIRED']);
    const won = verdicts.find(({ verdict }) => verdict === 'PASS');
    const lost = verdicts.find(({ verdict }) => verdict === 'WAIVER_REQUIRED');
    expect(won).toMatchObject({ advisory: false });
    expect(won?.waivers).toMatchObject([{ id: 'WV-0001', single_use: 'enforced', consumed_by: won?.verdict_id }]);
    expect(lost?.waivers).toEqual([]);
    expect(lost?.waivers_refused).toMatchObject([{ id: 'WV-0001', reason: 'used_up' }]);
    expect(lost?.budgets?.limits.loc).toBe(5000);

    // The verdict was never stored: whoever takes the task over judges it anew.
    const again = await (await openLeg(both.find(({ id }) => id === won?.task_id) as Task))();
    expect(again).toMatchObject({ verdict: 'PASS', verdict_id: won?.verdict_id });
    expect(again.nonce).not.toBe(won?.nonce);
    expect(again.waivers).toMatchObject([{ consumed_by: won?.verdict_id }]);
    expect(await waivers.uses(won?.repo_id ?? '')).toHaveLength(1);
  });
});
