import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeEvaluate, routeExplain, routeReplay } from '../../src/app/routing/operations.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { cancelTask } from '../../src/app/tasks/answer-task.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { arbiter } from './cli.js';
import {
  type Ground,
  eventsOf,
  layGround,
  only,
  openServed,
  run,
  setAgents,
  settled,
  spend,
  submit,
} from './routing-ground.js';
import { honestFix, writeToyAgent } from './toy-agent.js';
import { createWorld } from './world.js';

// The router in the loop, with everything real but the agents, which are recordings.
const world = createWorld({ ARBITER_FSYNC: 'off' });
let runtime: OpenRuntime;
let ground: Ground;
const cli = (...argv: string[]) => arbiter(argv, { home: world.home, env: { ARBITER_FSYNC: 'off', CI: 'true' } });

/** Every agent has the same chance, whatever is learned. */
const uniform = '{ name: epsilon-greedy, epsilon: 1, decay: 1 }';
const routing = (kinds: string, policy = uniform): string => `routing: { plans: [${kinds}], policy: ${policy} }\n`;

beforeAll(async () => {
  ground = await layGround(world, '');
  runtime = await openServed(world);
});
afterAll(async () => {
  await runtime.close();
  await world.close();
});

describe('a task that names no agent', () => {
  it('is routed: the decision is stored, told, explained, and made again to the byte', async () => {
    const { whole, wrong } = ground.patches;
    await setAgents(world, runtime, {
      good: [{ patch: whole, spend: spend(700) }],
      poor: [{ patch: wrong, spend: spend(300) }],
      gone: [{ fails: { code: 'AGENT_FAILED', message: 'it crashed' }, spend: spend(50) }],
    });
    const task = await run(world, runtime, ground);
    expect(task).toMatchObject({ state: 'accepted', routing: { decisions: 1, plan: { kind: 'cascade' } } });
    const [chosen] = only(await eventsOf(runtime, task.id), 'worker-chosen');
    await settled(runtime, task.id);
    const { decisions } = await routeExplain.run(world.ports, { id: task.id }, world.context);
    const [explained] = decisions;
    expect(explained?.decision).toMatchObject({ id: chosen?.routed?.decision, task_id: task.id, cause: 'first' });
    const sum = explained?.decision.eligible.reduce((total, { propensity }) => total + propensity, 0);
    expect(sum).toBeCloseTo(1, 12);
    // The verdict is the reward: whoever was asked before the good one failed, whatever it said.
    const rewards = Object.fromEntries(explained?.outcomes.map(({ agent, reward }) => [agent, reward]) ?? []);
    expect(rewards).toMatchObject({ good: 1 });
    expect(
      Object.entries(rewards)
        .filter(([agent]) => agent !== 'good')
        .every(([, reward]) => reward === 0),
    ).toBe(true);
    const words = explained?.words.join('\n') ?? '';
    for (const part of ['was chosen', 'not ', 'chance', 'predicted:', 'actual: ', 'good PASS'])
      expect(words).toContain(part);
    const { replays } = await routeReplay.run(world.ports, { id: task.id }, world.context);
    expect(replays).toMatchObject([{ same: true, differs: [] }]);
  });

  it('converges on the agent that passes', async () => {
    // What draws fall on is chance; the chances are not.
    const chancesOfGood: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      const task = await run(world, runtime, ground);
      expect(task.state).toBe('accepted');
      const [{ decision } = {}] = await settled(runtime, task.id);
      chancesOfGood.push(decision?.eligible.find(({ arm }) => arm.agent === 'good')?.propensity ?? 0);
    }
    expect(chancesOfGood.at(-1)).toBeGreaterThan(chancesOfGood[0] ?? 1);
    const { routes } = runtime;
    const [last] = await routes.list({ sinceMs: 0, limit: 1 });
    const chances = Object.fromEntries(
      last?.decision.eligible.map(({ arm, propensity }) => [arm.agent, propensity]) ?? [],
    );
    expect(chances['good']).toBeGreaterThan(Math.max(chances['poor'] ?? 1, chances['gone'] ?? 1));
    expect(Object.values(last?.decision.eligible.map(({ pending }) => pending) ?? [])).toEqual([0, 0, 0]);
  });

  it('has its whole history replayed to the byte, and refuses to judge a policy by so little', async () => {
    for (const { decision } of await runtime.routes.list({ sinceMs: 0, limit: 100 })) {
      const { replays } = await routeReplay.run(world.ports, { id: decision.id }, world.context);
      expect(replays).toMatchObject([{ same: true }]);
    }
    const input = routeEvaluate.input.parse({ policy: { name: 'ucb1' } });
    const { report, open } = await routeEvaluate.run(world.ports, input, world.context);
    expect(report.kind).toBe('refused');
    expect(open).toBe(0);
  });

  it('is told on the command line', async () => {
    const [last] = await runtime.routes.list({ sinceMs: 0, limit: 1 });
    const id = last?.decision.task_id ?? '';
    expect(cli('route', 'explain', id).out).toContain(`decision ${last?.decision.id}`);
    expect(cli('route', 'replay', last?.decision.id ?? '')).toMatchObject({ code: 0 });
    expect(cli('route', 'list').out.split('\n').length).toBeGreaterThan(8);
    expect(cli('route', 'evaluate', '--policy', 'thompson')).toMatchObject({ code: 1 });
    expect(cli('route', 'explain', 'nothing')).toMatchObject({ code: 3 });
    expect(cli('route', 'evaluate', '--policy', 'ucb1', '--options', '{').code).toBe(3);
    expect(cli('route', 'evaluate', '--policy', 'ucb1', '--options', '{"width":-1}').code).toBe(3);
  });
});

describe('a race', () => {
  let racing: Ground;
  beforeAll(async () => {
    racing = await layGround(world, routing('race'));
  });

  it('ends with the first PASS: the loser is stopped within 100 ms and paid for', async () => {
    const { whole } = racing.patches;
    await setAgents(world, runtime, {
      swift: [{ patch: whole, spend: spend(700) }],
      slow: [{ patch: whole, spend: spend(900), plan_spend: spend(40), delay_ms: 120_000 }],
    });
    const task = await run(world, runtime, racing);
    expect(task).toMatchObject({ state: 'accepted', routing: { plan: { kind: 'race' } }, attempt: 1 });
    expect(task.candidates[task.chosen ?? -1]?.agent).toBe('swift');
    const [lost] = only(await eventsOf(runtime, task.id), 'candidate-cancelled');
    expect(task.candidates[lost?.candidate ?? -1]).toMatchObject({
      agent: 'slow',
      failure: { reason: { code: 'RACE_LOST' } },
    });
    expect(lost?.winner).toBe(task.chosen);
    expect(lost?.after_ms).toBeLessThanOrEqual(100);
    // What the loser had cost until then is the task's, and its own.
    expect(task.spend.micro_usd).toBeGreaterThanOrEqual(740);
    const [decision] = await settled(runtime, task.id, 2);
    const outcome = (agent: string) => decision?.outcomes.find((one) => one.agent === agent);
    expect(outcome('swift')).toMatchObject({ verdict: 'PASS', reward: 1, costMicroUsd: 700 });
    expect(outcome('slow')).toMatchObject({ verdict: null, reward: null, costMicroUsd: 40 });
  });

  it('goes on to the last candidate when the first ones fail', async () => {
    const { whole, wrong } = racing.patches;
    await setAgents(world, runtime, {
      poor: [{ patch: wrong }],
      late: [{ patch: whole, delay_ms: 300 }],
    });
    const task = await run(world, runtime, racing);
    expect(task).toMatchObject({ state: 'accepted', attempt: 1 });
    expect(only(await eventsOf(runtime, task.id), 'verdict-reached').map(({ outcome }) => outcome)).toEqual([
      'FAIL',
      'PASS',
    ]);
  });
});

describe('a hybrid', () => {
  it('starts the second only when the first has not passed in time, or has failed', async () => {
    const hedged = await layGround(world, routing('hybrid'));
    const { whole, wrong } = hedged.patches;
    await setAgents(world, runtime, { one: [{ patch: whole }], two: [{ patch: whole }] });
    const early = await run(world, runtime, hedged);
    // The first passed long before the hedge, which is minutes: the second never began, and cost nothing.
    expect(early).toMatchObject({ state: 'accepted', chosen: 0, routing: { plan: { kind: 'hybrid' } } });
    expect(only(await eventsOf(runtime, early.id), 'plan-proposed').map(({ candidate }) => candidate)).toEqual([0]);
    await setAgents(world, runtime, { bad: [{ patch: wrong }], worse: [{ patch: wrong }] });
    const failed = await run(world, runtime, hedged);
    expect(failed).toMatchObject({ state: 'rejected', attempt: 1 });
    expect(failed.candidates.map(({ verdict }) => verdict?.outcome)).toEqual(['FAIL', 'FAIL']);
  });
});

describe('an agent that dies in the middle of its work', () => {
  it('is replaced by another decision, and its finished part is resumed', async () => {
    const divided = `tasks: { decompose: { POST-001: [{ id: source, words: mend it, scope: [src] }, { id: proof, words: show it, scope: [test], after: [source] }] } }\n`;
    const parted = await layGround(world, `${routing('single')}${divided}`);
    const { whole, source } = parted.patches;
    await setAgents(world, runtime, { heir: [{ chunks: { source, proof: whole }, patch: whole, spend: spend(200) }] });
    const mend = honestFix[0] ?? '';
    const file = writeToyAgent(world.home, 'dying', [`if grep -q "<= 500" src/postage.js; then kill -9 $$; fi`, mend]);
    await runtime.agents.put(agentProfileSchema.parse({ name: 'dying', kind: 'cli', command: [file, '{prompt}'] }));
    // Each has the same chance: in so many tasks it is drawn first at least once.
    for (let tries = 0; tries < 25; tries += 1) {
      const task = await run(world, runtime, parted);
      expect(task.state).toBe('accepted');
      const events = await eventsOf(runtime, task.id);
      const [first, second] = only(events, 'worker-chosen');
      if (first?.ladder[0] !== 'dying') continue;
      expect(second).toMatchObject({ ladder: ['heir'] });
      expect(only(events, 'work-started')).toMatchObject([{ agents: ['dying'] }, { agents: ['heir'], resumes: true }]);
      expect(only(events, 'chunk-finished')).toHaveLength(1);
      expect(task).toMatchObject({ attempt: 2, routing: { decisions: 2, tried: ['dying', 'heir'] } });
      const [one, other] = await settled(runtime, task.id);
      expect(one?.outcomes).toMatchObject([{ verdict: 'FAULT', reward: 0, failure: 'AGENT_FAILED' }]);
      expect(other?.decision).toMatchObject({ cause: 'fallback', parent: one?.decision.id, attempt: 2 });
      expect(other?.decision.masked).toMatchObject([{ agent: 'dying', masks: [{ mask: 'tried' }] }]);
      expect(other?.decision.eligible).toMatchObject([{ propensity: 1 }]);
      return;
    }
    throw new Error('the dying agent was never drawn');
  });
});

describe('nobody', () => {
  it('can be asked: the task says which masks keep whom out, and how to mend it', async () => {
    await setAgents(world, runtime, { first: [{ patch: ground.patches.wrong }] });
    const [agent] = await runtime.agents.list();
    if (agent !== undefined) await runtime.agents.put({ ...agent, file: '/nowhere.json' });
    const task = await run(world, runtime, ground);
    expect(task).toMatchObject({ state: 'failed', reason: { code: 'AGENT_MISSING' } });
    expect(task.reason?.message).toContain('first lacks its file: /nowhere.json');
    expect(task.reason?.mend).toContain('arbiter agents check first');
    await setAgents(world, runtime, {});
    expect(await run(world, runtime, ground)).toMatchObject({ reason: { message: 'there is no agent yet' } });
  });

  it('is left: a refused task ends for what was found, not for want of agents', async () => {
    const lonely = await layGround(world, routing('single'));
    await setAgents(world, runtime, { poor: [{ patch: lonely.patches.wrong }] });
    const task = await run(world, runtime, lonely);
    expect(task).toMatchObject({ state: 'rejected', reason: { code: 'FAIL' } });
  });
});

describe('breakers', () => {
  it('that are all open: the task is refused with the time at which one lets a call through', async () => {
    await setAgents(world, runtime, { locked: [{ fails: { code: 'AGENT_REFUSED_KEY', message: 'no such key' } }] });
    expect(await run(world, runtime, ground)).toMatchObject({ state: 'failed', reason: { code: 'AGENT_REFUSED_KEY' } });
    const second = await run(world, runtime, ground);
    expect(second).toMatchObject({ state: 'failed', attempt: 0, reason: { code: 'AGENTS_RESTING' } });
    expect(second.reason?.message).toMatch(/no agent can be asked before \d{4}-\d\d-\d\dT.*its breaker is open until/);
    expect(second.reason?.mend).toMatch(/^ask again after \d{4}-/);
    // Another agent is asked while that one rests.
    const { whole } = ground.patches;
    const [locked] = await runtime.agents.list();
    await setAgents(world, runtime, { free: [{ patch: whole }] });
    if (locked !== undefined) await runtime.agents.put(locked);
    const third = await run(world, runtime, ground);
    expect(third).toMatchObject({ state: 'accepted', ladder: ['free'] });
    const [recorded] = await runtime.routes.ofTask(third.id);
    expect(recorded?.decision.masked).toMatchObject([{ agent: 'locked', masks: [{ mask: 'breaker-open' }] }]);
  });
});

it('arbiter demo --routing finds the right one of three, and explains it', () => {
  const shown = cli('demo', '--routing');
  expect(shown.out).toContain('the agent that passes has the greatest chance now');
  // Whom the last draw fell on is chance.
  expect(shown.out).toMatch(/(careful|forgetful|hasty) was chosen: .*\n.*not (careful|forgetful|hasty): /s);
  expect(shown.out).toMatch(/careful PASS/);
  expect(shown.code).toBe(0);
});

describe('an agent that is named', () => {
  it('binds: no decision is made', async () => {
    await setAgents(world, runtime, {
      good: [{ patch: ground.patches.whole }],
      other: [{ patch: ground.patches.whole }],
    });
    const task = await run(world, runtime, ground, { agents: ['other'] });
    expect(task).toMatchObject({ state: 'accepted', ladder: ['other'] });
    expect(task.routing).toBeUndefined();
    expect(await runtime.routes.ofTask(task.id)).toEqual([]);
    expect(cli('route', 'explain', task.id)).toMatchObject({ code: 3 });
  });

  it('asks for candidates side by side: as many as were asked for', async () => {
    const task = await run(world, runtime, ground, { candidates: 2 });
    expect(task).toMatchObject({ state: 'accepted', routing: { plan: { kind: 'parallel' } } });
    expect(task.candidates.map(({ verdict }) => verdict?.outcome)).toEqual(['PASS', 'PASS']);
  });
});

describe('what a task came to', () => {
  it('is taken back when the task is cancelled: nothing is learned, nothing stays pending', async () => {
    const single = await layGround(world, routing('single'));
    await setAgents(world, runtime, { slow: [{ patch: single.patches.whole, delay_ms: 120_000 }] });
    const id = await submit(world, runtime, single);
    const begun = async (): Promise<boolean> => only(await eventsOf(runtime, id), 'plan-proposed').length > 0;
    while (!(await begun())) await new Promise((resolve) => setTimeout(resolve, 50));
    await cancelTask(runtime, id, 'a test', Date.now());
    const [recorded] = await settled(runtime, id);
    expect(recorded?.outcomes).toMatchObject([{ agent: 'slow', verdict: null, reward: null }]);
    const { memory } = await runtime.routes.recall(recorded?.decision.scope ?? '', ['slow@1']);
    expect(memory).toEqual({ arms: {}, pending: {} });
  });
});
