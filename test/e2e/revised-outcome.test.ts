import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentShown } from '../../src/app/registry/show-agent.js';
import type { RouteExplanation } from '../../src/app/routing/operations.js';
import type { RunOutput } from '../../src/app/tasks/run-task.js';
import type { TaskReport } from '../../src/app/tasks/task-report.js';
import type { WaiverRequested } from '../../src/app/waivers/operations.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { type People, createPeople, governedWithApprovers, hasSshKeygen } from '../waiver-world.js';
import { speakFrom } from './cli.js';
import { honestFix, writeToyAgent } from './toy-agent.js';
import { createWorld, quickConfig } from './world.js';

// Through the door that a user uses: the router's agent gets a verdict that waits for a waiver, which is learned; a person
// grants it later, and what was learned is revised.
const world = createWorld({ ARBITER_FSYNC: 'off' });
let people: People;
let repository: ScratchRepository & { readonly base: string };
const { cli, json } = speakFrom(() => ({ home: world.home, cwd: repository.directory }));

/** The only decision of a task, once its outcome has been revised so often. */
async function explained(id: string, revision: number): Promise<RouteExplanation['decisions'][number]> {
  for (let tries = 0; tries < 60; tries += 1) {
    const [decision] = json<RouteExplanation>('route', 'explain', id).decisions;
    if (decision !== undefined && (decision.outcomes[0]?.revision ?? 0) >= revision) return decision;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`the outcome of ${id} was never at revision ${revision}`);
}

const history = (): AgentShown['versions'][number]['performance'] => {
  return json<AgentShown>('agents', 'show', 'lavish').versions[0]?.performance ?? [];
};

beforeAll(async () => {
  if (!hasSshKeygen) return;
  people = createPeople(world.home, ['ada', 'bob', 'carol', 'grace', 'mallory']);
  const config = `${quickConfig}routing: { plans: [single] }\n`;
  repository = await governedWithApprovers(world, people, { config });
  const lavish = [...honestFix, `seq 1 6000 | sed 's/.*/\\/\\/ &/' >> src/postage.js`];
  const file = writeToyAgent(world.home, 'lavish', lavish);
  expect(cli('agents', 'add', 'lavish', '--command', file, '{prompt}').code).toBe(0);
});
afterAll(async () => {
  if (hasSshKeygen) cli('down');
  await world.close();
});

describe.skipIf(!hasSshKeygen)('a waiver that is granted later', () => {
  it('revises the router’s memory and the registry’s history: the outcome counts once, as what it came to', async () => {
    const { task } = json<RunOutput>('run', 'x', '--refinements', '0');
    expect(task.state).toBe('awaiting-waiver');
    const before = await explained(task.id, 1);
    const [first] = before.outcomes;
    expect(first).toMatchObject({ agent: 'lavish', verdict: 'WAIVER_REQUIRED', revision: 1 });
    expect(first?.reward).toBeLessThan(1);
    expect(history()).toMatchObject([{ n: 1, success: 0 }]);

    const need = [
      '--reason',
      'The carrier publishes its prices as one table',
      '--mitigation',
      'The table is generated',
    ];
    expect(cli('up').code).toBe(0);
    const asked = json<WaiverRequested>('waiver', 'request', '--task', task.id, '--as', 'bob@example.org', ...need);
    expect(cli('waiver', 'approve', asked.waiver.id, '--key', people.key('carol')).code).toBe(0);
    expect(json<TaskReport>('task', 'watch', task.id).task.state).toBe('accepted');

    const after = await explained(task.id, 2);
    expect(after.decision).toEqual(before.decision);
    expect(after.outcomes).toMatchObject([{ agent: 'lavish', verdict: 'PASS', reward: 1, revision: 2 }]);
    expect(cli('route', 'explain', task.id).out).toContain('actual: lavish PASS, reward 1.00');
    expect(cli('route', 'replay', task.id).code).toBe(0);
    expect(history()).toMatchObject([{ n: 1, success: 1, reward: 1 }]);
    expect(cli('down').code).toBe(0);

    // The memory is what it would be had it been told of the PASS alone.
    const runtime = await world.ports.runtime.open(new AbortController().signal);
    const { scope } = after.decision;
    const { memory, unreadable } = await runtime.routes.recall(scope, ['lavish@1']);
    expect(unreadable).toEqual([]);
    expect(memory.pending).toEqual({});
    expect(memory.arms['lavish@1']).toMatchObject({ weight: 1, reward: 1 });
    await runtime.close();
  }, 240_000);
});
