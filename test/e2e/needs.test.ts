import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeExplain, routeReplay } from '../../src/app/routing/operations.js';
import type { Task } from '../../src/core/tasks/task.js';
import { type AgentProfile, agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { arbiter } from './cli.js';
import { type Ground, layGround, openServed, run, setAgents } from './routing-ground.js';
import { createWorld } from './world.js';

// What a task asks of its agent, found in the base's files and its configuration, and told by those whom it keeps out.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const uniform = 'plans: [single], policy: { name: epsilon-greedy, epsilon: 1, decay: 1 }';
const typescript = Object.fromEntries(['a', 'b', 'c'].map((name) => [`src/${name}.ts`, `export const ${name} = 1;\n`]));
let runtime: OpenRuntime;
let ground: Ground;
const cli = (...argv: string[]) => arbiter(argv, { home: world.home, env: { ARBITER_FSYNC: 'off', CI: 'true' } });

/** Agents that all hand in the honest fix, and differ in what they say of themselves. */
async function setCrew(on: Ground, crew: Readonly<Record<string, Partial<Record<keyof AgentProfile, object>>>>) {
  const attempt = { patch: on.patches.whole };
  await setAgents(world, runtime, Object.fromEntries(Object.keys(crew).map((name) => [name, [attempt]])));
  for (const agent of await runtime.agents.list()) {
    await runtime.agents.put(agentProfileSchema.parse({ ...agent, ...crew[agent.name] }));
  }
}

const masksOf = async (task: string): Promise<Readonly<Record<string, readonly string[]>>> => {
  const [recorded] = await runtime.routes.ofTask(task);
  const masked = recorded?.decision.masked ?? [];
  return Object.fromEntries(masked.map(({ agent, masks }) => [agent, masks.map(({ mask }) => mask)]));
};

beforeAll(async () => {
  ground = await layGround(world, `routing: { ${uniform} }\n`, typescript);
  runtime = await openServed(world);
});
afterAll(async () => {
  await runtime.close();
  await world.close();
});

describe('the need of a task', () => {
  it('keeps out who writes another language, has too little room, or does other work, and says so', async () => {
    await setCrew(ground, {
      gopher: { capabilities: { languages: ['go'] } },
      forgetful: { limits: { context_tokens: 2000 } },
      analyst: { capabilities: { task_types: ['data-analysis'] } },
      fitting: {
        capabilities: { languages: ['typescript'], task_types: ['code-editing'] },
        limits: { context_tokens: 100_000 },
      },
    });
    const task = await run(world, runtime, ground);
    expect(task).toMatchObject({ state: 'accepted', ladder: ['fitting'] });
    expect(await masksOf(task.id)).toEqual({
      gopher: ['language'],
      forgetful: ['context-length'],
      analyst: ['capability'],
    });
    const [recorded] = await runtime.routes.ofTask(task.id);
    // Three of five files in scope; a product of fewer than 400 bytes a file needs little more than its instructions.
    const { need, features } = recorded?.decision ?? {};
    expect(need).toMatchObject({ languages: ['typescript'], task_type: 'code-editing', residency: [] });
    expect(need?.context_tokens).toBeGreaterThan(4000);
    expect(need?.context_tokens).toBeLessThan(6000);
    expect(features?.['repository_files']).toBeGreaterThan(0);
    const { decisions } = await routeExplain.run(world.ports, { id: task.id }, world.context);
    const words = decisions[0]?.words.join('\n') ?? '';
    expect(words).toMatch(/asked for: code-editing, typescript, room for \d+ tokens/);
    expect(words).toContain('not gopher: language typescript is asked for, it has go');
    expect(words).toMatch(/not forgetful: context \d+ is asked for, it has 2000/);
    const { replays } = await routeReplay.run(world.ports, { id: task.id }, world.context);
    expect(replays).toMatchObject([{ same: true }]);
  });

  it('fails the task where nobody meets it, with what would help', async () => {
    await setCrew(ground, { gopher: { capabilities: { languages: ['go'] } } });
    const task = await run(world, runtime, ground);
    expect(task).toMatchObject({ state: 'failed', reason: { code: 'AGENT_MISSING' } });
    expect(task.reason?.message).toContain('gopher language typescript is asked for, it has go');
    expect(task.reason?.mend).toContain('say so in the profile of gopher if it can');
  });

  it('is narrowed by the task: where models run, and what agents are good at', async () => {
    await setCrew(ground, {
      unknown: {},
      american: { residency: ['us'], capabilities: { specialisations: ['postage'] } },
      european: { residency: ['eu'], capabilities: { specialisations: ['postage'] } },
      generalist: { residency: ['eu'], capabilities: { specialisations: ['taxes'] } },
    });
    const needs = ['--residency', 'eu', '--specialisation', 'postage'];
    const words = 'A parcel of exactly 500 grams costs 390 cents';
    const shown = cli('run', words, '-C', ground.repository.directory, '--spec', 'POST-001', ...needs, '--json');
    const { task } = JSON.parse(shown.out) as { task: Task };
    expect(task).toMatchObject({ state: 'accepted', ladder: ['european'] });
    expect(await masksOf(task.id)).toEqual({
      unknown: ['residency'],
      american: ['residency'],
      generalist: ['capability'],
    });
    expect(cli('route', 'explain', task.id).out).toContain('residency eu is asked for, it has not known');
  });
});

describe('where models run, by the repository', () => {
  let kept: Ground;
  beforeAll(async () => {
    kept = await layGround(world, `routing: { ${uniform}, needs: { residency: [eu, local] } }\n`);
    await setCrew(kept, { unknown: {}, european: { residency: ['eu'] } });
  });

  it('binds the router', async () => {
    const task = await run(world, runtime, kept);
    expect(task).toMatchObject({ state: 'accepted', ladder: ['european'] });
    expect(await masksOf(task.id)).toEqual({ unknown: ['residency'] });
  });

  it('binds whoever names an agent', async () => {
    const task = await run(world, runtime, kept, { agents: ['unknown'] });
    expect(task).toMatchObject({ state: 'failed', attempt: 0, reason: { code: 'AGENT_MISSING' } });
    expect(task.reason?.message).toContain('unknown runs at a place that is not known, asked for is eu or local');
    expect(await run(world, runtime, kept, { agents: ['european'] })).toMatchObject({ state: 'accepted' });
  });

  it('cannot be widened by a task', async () => {
    const needs = { residency: ['us'], specialisations: [] };
    const task = await run(world, runtime, kept, { needs });
    expect(task).toMatchObject({ state: 'failed', attempt: 0, reason: { code: 'NEED_CONTRADICTED' } });
    expect(task.reason?.message).toBe('the task asks for models at us, and the repository for models at eu or local');
    expect(await run(world, runtime, kept, { needs, agents: ['european'] })).toMatchObject({ state: 'failed' });
  });
});
