import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agentBreaker, endpointBreaker } from '../../src/app/registry/open-registry.js';
import { type WireProtocol, agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { type Breaker, admit, closedBreaker } from '../../src/core/registry/breaker.js';
import type { Task } from '../../src/core/tasks/task.js';
import { retryWindowMs, withinRetryBudget } from '../../src/core/registry/retry.js';
import type { RetryCount } from '../../src/ports/retry-store.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { ModelFault, Script } from '../model-server/script.js';
import { type ModelServer, startModelServer } from '../model-server/start-model-server.js';
import { type Ground, eventsOf, layGround, only, openServed, run, setAgents, settled } from './routing-ground.js';
import { runCommand } from './run-command.js';
import { createWorld, product } from './world.js';

// What an endpoint answers, from its body to the breaker: a bare model behind a server that refuses as it is told.
const world = createWorld({ ARBITER_FSYNC: 'off', TEST_KEY: 'a-key' });
let runtime: OpenRuntime;
let ground: Ground;
let server: ModelServer;
let fault: (ordinal: number) => ModelFault | null = () => null;
const cli = (...argv: string[]) => runCommand(world.ports, ground.repository.directory, argv);

const mended = (product['src/postage.js'] ?? '').replace('grams < 500', 'grams <= 500');
const shown = `${product['test/postage.test.js'] ?? ''}it('charges 500 grams', () => assert.equal(postage(500), 390));\n`;
const write = (path: string, content: string) => ({ call: { tool: /^write_file$/, args: { path, content } } });
const finish = {
  call: { tool: /^finish$/, args: { summary: 'the boundary', files: [], risks: [], acceptance: [] } },
};
const files = [
  { path: 'src/postage.js', lines: 4 },
  { path: 'test/postage.test.js', lines: 4 },
];
const scripts: readonly Script[] = [
  {
    when: /You plan a change/,
    steps: [{ call: { tool: /^propose_plan$/, args: { approach: 'mend it', files, tests: [], risks: [] } } }],
  },
  { when: /hello, arbiter/, steps: [write('notes/greeting.txt', 'hello, arbiter\n'), finish] },
  { steps: [write('src/postage.js', mended), write('test/postage.test.js', shown), finish] },
];
const bases: Readonly<Record<WireProtocol, string>> = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  anthropic: '/v1',
  gemini: '/v1beta',
};
const urlOf = (protocol: WireProtocol): string => `${server.url}${bases[protocol]}`;

async function addModel(protocol: WireProtocol, name = 'model'): Promise<void> {
  const endpoint = { protocol, base_url: urlOf(protocol), key_env: 'TEST_KEY' };
  const price = { input: 1_000_000, output: 1_000_000 };
  await runtime.agents.put(agentProfileSchema.parse({ name, kind: 'model', model: 'm', endpoint, price }));
}

/** The breakers of the agent and of its endpoint as they are stored. */
async function breakers(protocol: WireProtocol): Promise<{ readonly agent: Breaker; readonly endpoint: Breaker }> {
  const { breakers: all } = await runtime.registry.read(null);
  return {
    agent: all.get(agentBreaker('model')) ?? closedBreaker,
    endpoint: all.get(endpointBreaker(urlOf(protocol))) ?? closedBreaker,
  };
}

async function failedOf(task: Task) {
  return only(await eventsOf(runtime, task.id), 'work-failed');
}

beforeAll(async () => {
  ground = await layGround(
    world,
    'routing: { plans: [single], policy: { name: epsilon-greedy, epsilon: 1, decay: 1 } }\n',
  );
  runtime = await openServed(world);
});
beforeEach(async () => {
  fault = () => null;
  await setAgents(world, runtime, {});
  // What earlier tests have left of the agent's breaker; endpoints have a port of their own each.
  await runtime.registry.changeBreaker(agentBreaker('model'), () => closedBreaker);
  server = await startModelServer({ scripts, fault: (ordinal) => fault(ordinal) });
});
afterEach(() => server.close());
afterAll(async () => {
  await runtime.close();
  await world.close();
});

const refusing = (status: number, error?: string, words?: string) => (): ModelFault & { kind: 'status' } => ({
  kind: 'status',
  status,
  ...(error === undefined ? {} : { error }),
  ...(words === undefined ? {} : { words }),
});

describe('a call that no retry can help', () => {
  it.each([
    ['openai-chat', refusing(401, 'invalid_api_key'), 'auth', 'AGENT_REFUSED_KEY'],
    ['openai-responses', refusing(429, 'insufficient_quota'), 'auth', 'AGENT_REFUSED_KEY'],
    ['anthropic', refusing(403, 'permission_error'), 'auth', 'AGENT_REFUSED_KEY'],
    ['gemini', refusing(400, 'API_KEY_INVALID'), 'auth', 'AGENT_REFUSED_KEY'],
  ] as const)('%s, a key that is refused: the agent’s own breaker opens at once', async (protocol, how, kind, code) => {
    fault = how;
    await addModel(protocol);
    const task = await run(world, runtime, ground, { agents: ['model'] });
    expect(task).toMatchObject({ state: 'failed', attempt: 1, reason: { code } });
    expect(await failedOf(task)).toMatchObject([{ then: 'escalate', fault: { class: kind, status: how().status } }]);
    expect(server.requests).toHaveLength(1);
    const { agent, endpoint } = await breakers(protocol);
    expect(admit(agent, Date.now())).toMatchObject({ state: 'open', because: 'auth' });
    // Another agent may have a better key for the same endpoint.
    expect(endpoint).toEqual(closedBreaker);
  });

  it.each([
    ['openai-chat', 'invalid-request', refusing(400, 'unknown_parameter')],
    ['gemini', 'invalid-request', refusing(404, 'NOT_FOUND')],
    ['openai-chat', 'context-length', refusing(400, 'context_length_exceeded')],
    ['anthropic', 'context-length', refusing(400, 'invalid_request_error', 'prompt is too long: 9 tokens > 8 maximum')],
    ['openai-responses', 'content-filter', refusing(400, 'content_filter')],
  ] as const)(
    '%s, a request that is refused for %s: told, counted, and no breaker opens',
    async (protocol, kind, how) => {
      fault = how;
      await addModel(protocol);
      const task = await run(world, runtime, ground, { agents: ['model'] });
      expect(task).toMatchObject({ state: 'failed', attempt: 1, reason: { code: 'AGENT_FAILED' } });
      expect(await failedOf(task)).toMatchObject([{ then: 'escalate', fault: { class: kind, status: how().status } }]);
      expect(server.requests).toHaveLength(1);
      const { agent, endpoint } = await breakers(protocol);
      expect(agent).toMatchObject({ faults: { [kind]: 1 }, open_until_ms: null });
      expect(endpoint).toEqual(closedBreaker);
      expect((await cli('agents', 'show', 'model')).out).toContain(`faults so far: ${kind} 1`);
    },
  );

  it('is told by route explain with its class and what the endpoint answered', async () => {
    fault = refusing(400, 'context_length_exceeded');
    await addModel('openai-chat');
    const task = await run(world, runtime, ground);
    expect(task.state).toBe('failed');
    await settled(runtime, task.id);
    const told = await cli('route', 'explain', task.id);
    expect(told.out).toContain('fault AGENT_FAILED (context-length, 400 context_length_exceeded)');
  });
});

describe('a call that may go better later', () => {
  it('is made again when the endpoint said, and its breaker closes when it goes well', async () => {
    fault = (ordinal) => (ordinal === 0 ? { kind: 'status', status: 429, retryAfter: '11' } : null);
    await addModel('openai-chat');
    const beganMs = Date.now();
    const task = await run(world, runtime, ground, { agents: ['model'] });
    expect(task).toMatchObject({ state: 'accepted', attempt: 2 });
    const [failed] = await failedOf(task);
    expect(failed).toMatchObject({ then: 'retry', fault: { class: 'rate-limit', retry_after_ms: 11_000 } });
    expect((failed?.rests_until_ms ?? 0) - (failed?.at_ms ?? 0)).toBeGreaterThanOrEqual(10_900);
    const begun = only(await eventsOf(runtime, task.id), 'work-started').map(({ at_ms }) => at_ms);
    expect(begun[1]).toBeGreaterThanOrEqual(failed?.rests_until_ms ?? Infinity);
    expect(Date.now() - beganMs).toBeGreaterThan(11_000);
    const { endpoint } = await breakers('openai-chat');
    expect(endpoint).toMatchObject({ faults: { 'rate-limit': 1 }, row: {}, open_until_ms: null });
  });

  it('but not within a minute: the task goes on without it, and says so; all who call that endpoint rest', async () => {
    fault = () => ({ kind: 'status', status: 429, retryAfter: '600' });
    await addModel('anthropic');
    await addModel('anthropic', 'other');
    const task = await run(world, runtime, ground, { agents: ['model'] });
    expect(task).toMatchObject({ state: 'failed', attempt: 1, reason: { code: 'ENDPOINT_BUSY' } });
    expect(task.reason?.message).toMatch(/not asked again: model rests until .* \(its breaker is open: rate-limit\)/);
    const { agent, endpoint } = await breakers('anthropic');
    expect(agent).toEqual(closedBreaker);
    expect((endpoint.open_until_ms ?? 0) - Date.now()).toBeGreaterThan(590_000);
    const next = await run(world, runtime, ground, { agents: ['other'] });
    expect(next).toMatchObject({ state: 'failed', attempt: 0, reason: { code: 'AGENTS_RESTING' } });
    expect(server.requests).toHaveLength(1);
  });

  it('is told apart: an endpoint that has too much to do is no rate limit, and opens nothing the first time', async () => {
    fault = (ordinal) => (ordinal < 4 ? { kind: 'status', status: 529, error: 'overloaded_error' } : null);
    await addModel('anthropic');
    const task = await run(world, runtime, ground, { agents: ['model'] });
    expect(task).toMatchObject({ state: 'accepted', attempt: 2 });
    expect(await failedOf(task)).toMatchObject([
      { then: 'retry', reason: { code: 'ENDPOINT_BUSY' }, fault: { class: 'overload', status: 529 } },
    ]);
    const { endpoint } = await breakers('anthropic');
    expect(endpoint).toMatchObject({ faults: { overload: 1 }, row: {}, trips: 0 });
  });

  it('that no answer comes to is the network', async () => {
    await addModel('openai-chat');
    await server.close();
    const task = await run(world, runtime, ground, { agents: ['model'] });
    expect(task).toMatchObject({ state: 'failed', reason: { code: 'ENDPOINT_DOWN' } });
    const faults = await failedOf(task);
    expect(faults[0]).toMatchObject({ fault: { class: 'network', status: null, code: null } });
    const { endpoint } = await breakers('openai-chat');
    expect(endpoint).toMatchObject({ faults: { network: faults.length }, because: 'network' });
    server = await startModelServer({ scripts });
  }, 120_000);
});

describe('an agent that is named while its breaker is open', () => {
  it('rests: the task is refused with the time, until arbiter agents check finds that it works', async () => {
    fault = refusing(401, 'invalid_api_key');
    await addModel('openai-chat');
    expect((await run(world, runtime, ground, { agents: ['model'] })).reason?.code).toBe('AGENT_REFUSED_KEY');
    const refused = await run(world, runtime, ground, { agents: ['model'] });
    expect(refused).toMatchObject({ state: 'failed', attempt: 0, reason: { code: 'AGENTS_RESTING' } });
    expect(refused.reason?.mend).toMatch(/^ask again after \d{4}-.*arbiter agents check model lets it work again/);
    expect(server.requests).toHaveLength(1);
    const failing = await cli('agents', 'check', 'model');
    expect(failing).toMatchObject({ code: 1, out: expect.stringContaining('does not work') });
    expect((await cli('agents', 'show', 'model')).out).toMatch(
      /breaker agent:model: open because of auth until \d{4}-/,
    );
    // The key is mended.
    fault = () => null;
    const check = await cli('agents', 'check', 'model');
    expect(check).toMatchObject({
      code: 0,
      out: expect.stringContaining('breaker agent:model was open, and is closed'),
    });
    expect(await run(world, runtime, ground, { agents: ['model'] })).toMatchObject({ state: 'accepted' });
  });

  it('comes after another that may be asked, and is waited for where it is the only one', async () => {
    const { whole, wrong } = ground.patches;
    await setAgents(world, runtime, { first: [{ patch: whole }], second: [{ patch: wrong }] });
    const shut = { ...closedBreaker, trips: 1, open_until_ms: Date.now() + 8000, because: 'network' as const };
    await runtime.registry.changeBreaker(agentBreaker('first'), () => shut);
    const both = await run(world, runtime, ground, { agents: ['first', 'second'] });
    // The second was refused, and by then the first had rested enough, or was waited for.
    expect(both).toMatchObject({ state: 'accepted', ladder: ['second', 'first'], attempt: 2 });
    await runtime.registry.changeBreaker(agentBreaker('first'), () => ({ ...shut, open_until_ms: Date.now() + 5000 }));
    const alone = await run(world, runtime, ground, { agents: ['first'] });
    expect(alone).toMatchObject({ state: 'accepted', attempt: 1 });
    const log = (await runtime.tasks.readLog(alone.id)).map(({ text }) => text);
    expect(log.some((text) => /^first rests until .*network/.test(text))).toBe(true);
    // Its trial went well.
    const { breakers: all } = await runtime.registry.read(null);
    expect(all.get(agentBreaker('first'))?.open_until_ms).toBeNull();
  });
});

describe('the budget of retries', () => {
  it('that is spent: the next agent, another decision, or an end that says so', async () => {
    const { whole } = ground.patches;
    const gone = { code: 'CLONE_LOST', message: 'the clone is gone', again: true };
    const shaky = [{ fails: gone }, { patch: whole }];
    await setAgents(world, runtime, { shaky, steady: [{ patch: whole }] });
    expect(await run(world, runtime, ground, { agents: ['shaky'] })).toMatchObject({ state: 'accepted', attempt: 2 });
    const retry = { attempt: 1, candidate: 0, atMs: Date.now() };
    const allows = ({ retries, tasks }: RetryCount): boolean => withinRetryBudget(retries, tasks);
    for (let count = 0; ; count += 1) {
      const taken = await runtime.retries.take({ ...retry, taskId: `elsewhere ${count}` }, retryWindowMs, allows);
      if (!taken.granted) break;
    }
    const ended = await run(world, runtime, ground, { agents: ['shaky'] });
    expect(ended).toMatchObject({ state: 'failed', attempt: 1, reason: { code: 'RETRIES_SPENT' } });
    expect(ended.reason?.message).toMatch(
      /the clone is gone; not asked again: 10 retries to \d+ tasks within the hour/,
    );
    expect(await failedOf(ended)).toMatchObject([{ then: 'escalate', unretried: { retries: 10 } }]);
    const next = await run(world, runtime, ground, { agents: ['shaky', 'steady'] });
    expect(next).toMatchObject({ state: 'accepted', attempt: 2, rung: 1 });
    // Each has the same chance: in so many tasks the shaky one is drawn first at least once.
    for (let tries = 0; tries < 25; tries += 1) {
      const routed = await run(world, runtime, ground);
      expect(routed.state).toBe('accepted');
      if (routed.attempt === 1) continue;
      const [first, second] = only(await eventsOf(runtime, routed.id), 'worker-chosen');
      expect([first?.ladder, second?.ladder]).toEqual([['shaky'], ['steady']]);
      const [, fallback] = await settled(runtime, routed.id);
      expect(fallback?.decision.cause).toBe('fallback');
      return;
    }
    throw new Error('the shaky agent was never drawn first');
  }, 180_000);
});
