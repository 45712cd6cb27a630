import { afterEach, describe, expect, it } from 'vitest';
import { agentOf, assignmentOf, listen } from '../../../../test/models/assignment.js';
import { openFakeRoom } from '../../../../test/models/fake-room.js';
import { type ScriptedEndpoint, type Step, startEndpoint } from '../../../../test/models/scripted-endpoint.js';
import type { WireProtocol } from '../../../core/registry/agent-profile.js';
import type { Assignment, WorkNews, Worker } from '../../../ports/worker.js';
import { createModelWorker } from './model-worker.js';

const key = 'sk-very-secret-key-000';
const rationale = {
  summary: 'added a greeting',
  files: [{ path: 'src/hello.txt', why: 'asked' }],
  risks: [],
  acceptance: [],
};
const write: Step = { call: 'write_file', input: { path: 'src/hello.txt', content: 'hello\n' } };
const finish: Step = { call: 'finish', input: rationale };
const signal = (): AbortSignal => new AbortController().signal;

const open: { endpoint: ScriptedEndpoint; rooms: Awaited<ReturnType<typeof openFakeRoom>>[] }[] = [];
afterEach(async () => {
  for (const { endpoint, rooms } of open.splice(0)) {
    await endpoint.close();
    // no room outlives the work in it
    expect(rooms.map((room) => room.closed())).not.toContain(false);
  }
});

interface Scene {
  readonly worker: Worker;
  readonly endpoint: ScriptedEndpoint;
  readonly told: WorkNews[];
  readonly work: (extra?: Partial<Assignment>, stop?: AbortSignal) => ReturnType<Worker['work']>;
  readonly plan: (extra?: Partial<Assignment>) => ReturnType<Worker['plan']>;
}

async function stage(
  script: readonly Step[],
  options: { protocol?: WireProtocol; price?: object; files?: Record<string, string>; context?: number } = {},
): Promise<Scene> {
  const protocol = options.protocol ?? 'openai-chat';
  const endpoint = await startEndpoint(protocol, script);
  const rooms: Awaited<ReturnType<typeof openFakeRoom>>[] = [];
  open.push({ endpoint, rooms });
  const agent = agentOf({
    model: 'some-model',
    endpoint: { protocol, base_url: endpoint.url, key_env: 'TEST_KEY' },
    price: options.price ?? { input: 1_000_000, output: 10_000_000, cache_read: 500_000 },
    limits: { context_tokens: options.context ?? null },
  });
  const worker = createModelWorker(agent, {
    environment: { TEST_KEY: key },
    random: () => 0,
    openRoom: async (_assignment, meter) => {
      const room = await openFakeRoom(meter, options.files);
      rooms.push(room);
      return room;
    },
  });
  const { told, tell } = listen();
  return {
    worker,
    endpoint,
    told,
    work: (extra = {}, stop = signal()) => worker.work(assignmentOf(agent, extra), tell, stop),
    plan: (extra = {}) => worker.plan(assignmentOf(agent, extra), tell, signal()),
  };
}

const bounds = (extra: object): Partial<Assignment> => ({
  bounds: { micro_usd: null, tokens: null, turns: null, wall_ms: 60_000, ...extra },
});

describe('model worker', () => {
  it.each([
    ['openai-chat', 400],
    ['openai-responses', 400],
    ['anthropic', 360],
    ['gemini', 400],
  ] as const)('works over %s, and every call is metered', async (protocol, costMicroUsd) => {
    const scene = await stage([write, finish], { protocol });
    const done = await scene.work();
    expect(Buffer.from(done.patch).toString()).toContain('+hello');
    expect(done.rationale).toEqual(rationale);
    expect(done.outcome).toEqual({ kind: 'change' });
    expect(done.spend).toMatchObject({ input_tokens: 200, output_tokens: 20, turns: 2, micro_usd: costMicroUsd });
    expect(done.worker).toMatchObject({ agent: 'tester', version: 'ai 6.0.326 loop@1' });
    if (protocol !== 'gemini') expect(done.worker.model).toBe('model-as-served');
    expect(scene.told).toContainEqual({ kind: 'file', text: 'src/hello.txt' });
    expect(scene.told.filter(({ kind }) => kind === 'spend')).toHaveLength(2);
  });

  it('sends the real key, and keeps it out of transcript and news', async () => {
    const scene = await stage([{ say: `my key is ${key}` }, write, finish]);
    const done = await scene.work();
    expect(scene.endpoint.seen[0]?.headers['authorization']).toBe(`Bearer ${key}`);
    const transcript = Buffer.from(done.transcript).toString();
    expect(transcript).not.toContain(key);
    expect(transcript).toContain('my key is [redacted]');
    expect(JSON.stringify(scene.told)).not.toContain(key);
    const [start] = transcript.split('\n').map((line) => JSON.parse(line || '{}') as Record<string, unknown>);
    expect(start).toMatchObject({ prompt: { id: 'work@1' }, loop: 'loop@1', model: 'some-model' });
  });

  it('reads, searches, edits, deletes and runs in the room', async () => {
    const files = { 'src/a.txt': 'one\r\ntwo\r\n', 'src/b.txt': 'needle here\n', 'src/c.txt': 'gone\n' };
    const calls = [
      { call: 'list_files', input: {} },
      { call: 'search', input: { pattern: 'need.e' } },
      { call: 'read_file', input: { path: 'src/a.txt', from_line: 2, lines: 1 } },
      { call: 'edit_file', input: { path: 'src/a.txt', old_text: 'one\ntwo', new_text: 'one\n2' } },
      { call: 'delete_file', input: { path: 'src/c.txt' } },
      { call: 'run_command', input: { command: 'echo out; echo err >&2; exit 3' } },
    ];
    const scene = await stage([{ calls }, finish], { files });
    const done = await scene.work();
    const patch = Buffer.from(done.patch).toString();
    expect(patch).toContain('+2\r\n');
    expect(patch).toContain('deleted file');
    const messages = scene.endpoint.seen[1]?.body['messages'] as { role: string; content: string }[];
    const results = messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
    expect(results[0]).toContain('./src/a.txt\n');
    expect(results.slice(1)).toEqual([
      './src/b.txt:1:needle here\n',
      'two\n[1 more lines follow]',
      'src/a.txt is written, 3 lines',
      'src/c.txt is deleted',
      'out\nerr\n\n[exit 3]',
    ]);
  });

  it('refuses a write outside the scope at the call, and says why', async () => {
    const outside = (path: string): Step => ({ call: 'write_file', input: { path, content: 'x' } });
    const scene = await stage([outside('README.md'), outside('../up.txt'), outside('/etc/x'), write, finish]);
    const done = await scene.work();
    expect(Buffer.from(done.patch).toString()).not.toContain('README');
    expect(scene.told.filter(({ kind }) => kind === 'refused').map(({ text }) => text)).toEqual([
      'README.md: it is outside the scope',
      '../up.txt: it is not in the folder',
      '/etc/x: it is not in the folder',
    ]);
    expect(JSON.stringify(scene.endpoint.seen[1]?.body)).toContain('refused: README.md');
  });

  it('ends with an amendment or a plea of infeasibility, also in words', async () => {
    const amend = { call: 'request_scope_amendment', input: { paths: ['docs/**'], why: 'the text is there' } };
    const infeasible = { call: 'plead_infeasible', input: { clause: 'A1', evidence: 'it contradicts A2' } };
    const inWords = { say: 'Sorry.\n```json\n{"infeasible": {"clause": "A1", "evidence": "e"}}\n```' };
    expect((await (await stage([amend])).work()).outcome).toEqual({ kind: 'amendment', ...amend.input });
    expect((await (await stage([infeasible])).work()).outcome).toEqual({ kind: 'infeasible', ...infeasible.input });
    expect((await (await stage([inWords])).work()).outcome).toMatchObject({ kind: 'infeasible', clause: 'A1' });
  });

  it('tells a model that finishes too early or calls badly, and goes on', async () => {
    const scene = await stage([
      finish,
      { call: 'no_such_tool', input: {} },
      { call: 'write_file', input: '{"path": "src/hello' },
      { call: 'edit_file', input: { path: 'src/none.txt', old_text: 'a', new_text: 'b' } },
      { say: 'what now?' },
      write,
      finish,
    ]);
    const done = await scene.work();
    expect(done.spend.turns).toBe(7);
    expect(JSON.stringify(scene.endpoint.seen[1]?.body)).toContain('nothing was edited yet');
    expect(JSON.stringify(scene.endpoint.seen[5]?.body)).toContain('Go on by calling a tool');
  });

  it.each([
    [
      'calls that fail for ever',
      [{ call: 'read_file', input: { path: 'src/none' } }],
      'AGENT_FAILED',
      /8 calls in a row/,
    ],
    ['words for ever', [{ say: 'hm' }], 'NOTHING_EDITED', /without having changed/],
    ['a key that is refused', [{ status: 401 }], 'AGENT_REFUSED_KEY', /401/],
    ['no rights', [{ status: 403 }], 'AGENT_REFUSED_KEY', /403/],
    ['no such model', [{ status: 404 }], 'AGENT_FAILED', /knows no such model/],
    ['no credit', [{ status: 429, body: '{"error":{"code":"insufficient_quota"}}' }], 'AGENT_REFUSED_KEY', /credit/],
    [
      'a conversation that is too long',
      [{ status: 400, body: '{"error":{"message":"context_length_exceeded: maximum context length"}}' }],
      'AGENT_FAILED',
      /longer than the model can read/,
    ],
    [
      'a content filter',
      [{ status: 400, body: '{"error":{"message":"content_filter"}}' }],
      'AGENT_FAILED',
      /content filter/,
    ],
    ['an answer that was filtered', [{ say: '', finish: 'content_filter' }], 'AGENT_FAILED', /content filter/],
  ] as const)('%s: a clear fault with what was spent', async (_, script, code, message) => {
    const scene = await stage(script);
    await expect(scene.work()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      mend: expect.stringMatching(/\w/),
      spend: { wall_ms: expect.any(Number) },
    });
  });

  it('asks again when the endpoint is busy, down or cut off, and then goes on', async () => {
    const scene = await stage([
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 503 },
      'reset',
      write,
      finish,
    ]);
    const done = await scene.work();
    expect(done.spend.turns).toBe(2);
    expect(scene.endpoint.seen).toHaveLength(5);
  });

  it.each([
    ['down for ever', { status: 500 }, 'ENDPOINT_DOWN', null, 4],
    ['no JSON', { raw: '<html>gateway</html>' }, 'ENDPOINT_DOWN', null, 4],
    ['busy for long', { status: 429, headers: { 'retry-after': '120' } }, 'ENDPOINT_BUSY', 120_000, 1],
  ] as const)('gives up on an endpoint that is %s', async (_, step, code, retryAfterMs, calls) => {
    const scene = await stage([step]);
    await expect(scene.work()).rejects.toMatchObject({ code, retryAfterMs });
    expect(scene.endpoint.seen).toHaveLength(calls);
  });

  it('a closed port is an endpoint that is down', async () => {
    const scene = await stage([write]);
    await scene.endpoint.close();
    await expect(scene.work()).rejects.toMatchObject({ code: 'ENDPOINT_DOWN' });
  });

  it.each([
    ['turns', { turns: 2 }, 2],
    ['tokens', { tokens: 215 }, 2],
    ['money', { micro_usd: 350 }, 2],
  ])('stops at the bound of %s, inside the run', async (bound, extra, calls) => {
    const scene = await stage([{ call: 'list_files', input: {} }], { price: { input: 1_000_000, output: 10_000_000 } });
    const stopped = scene.work({ ...bounds(extra), prompt: { id: 'work@1', sha256: '', text: 'short' } });
    await expect(stopped).rejects.toMatchObject({ code: 'BOUND_REACHED', message: expect.stringContaining(bound) });
    expect(scene.endpoint.seen.length).toBeLessThanOrEqual(calls);
  });

  it('asks for no longer an answer than the bounds leave room for', async () => {
    const scene = await stage([write, finish]);
    await scene.work(bounds({ tokens: 2500 }));
    const asked = scene.endpoint.seen.map(({ body }) => Number(body['max_tokens']));
    expect(asked[0]).toBeLessThan(2500);
    expect(asked[1]).toBeLessThan((asked[0] ?? 0) - 50);
  });

  it('a wall time that runs out ends a call that hangs, and the prompt is counted', async () => {
    const scene = await stage(['hang']);
    await expect(scene.work(bounds({ wall_ms: 300 }))).rejects.toMatchObject({
      code: 'BOUND_REACHED',
      message: expect.stringContaining('time'),
      spend: { turns: 1, input_tokens: expect.any(Number) },
    });
  });

  it.each([
    ['a call that hangs', 'hang' as const],
    ['a command that runs', { call: 'run_command', input: { command: 'sleep 30' } }],
  ])('is cancelled within two seconds during %s', async (_, step) => {
    const scene = await stage([step]);
    const stop = new AbortController();
    let abortedMs = 0;
    setTimeout(() => {
      abortedMs = Date.now();
      stop.abort();
    }, 300);
    await expect(scene.work({}, stop.signal)).rejects.toMatchObject({ code: 'AGENT_CANCELLED' });
    expect(abortedMs).toBeGreaterThan(0);
    expect(Date.now() - abortedMs).toBeLessThan(2000);
  });

  it('is not started at all when it was cancelled before', async () => {
    const scene = await stage([write]);
    await expect(scene.work({}, AbortSignal.abort())).rejects.toMatchObject({ code: 'AGENT_CANCELLED' });
    expect(scene.endpoint.seen).toEqual([]);
  });

  it('leaves old results out when the model’s context is small', async () => {
    const files = { 'src/big.txt': 'x'.repeat(3000) };
    const read: Step = { call: 'read_file', input: { path: 'src/big.txt' } };
    const scene = await stage([read, read, read, write, finish], { files, context: 2500 });
    await scene.work();
    expect(JSON.stringify(scene.endpoint.seen[4]?.body)).toContain('left out to save room');
  });

  it('says what a profile or an environment lacks', async () => {
    const deps = { environment: {}, openRoom: () => Promise.reject(new Error('no room')) };
    expect(() => createModelWorker(agentOf({ model: 'm' }), deps)).toThrow(
      expect.objectContaining({ code: 'AGENT_MISSING' }),
    );
    const endpoint = { protocol: 'openai-chat', base_url: 'http://127.0.0.1:1/v1', key_env: 'ABSENT_KEY' };
    expect(() => createModelWorker(agentOf({ model: 'unheard-of', endpoint, price: null }), deps)).toThrow(
      expect.objectContaining({ code: 'PRICE_UNKNOWN' }),
    );
    const agent = agentOf({ model: 'm', endpoint });
    const work = createModelWorker(agent, deps).work(assignmentOf(agent), () => undefined, signal());
    await expect(work).rejects.toMatchObject({
      code: 'AGENT_REFUSED_KEY',
      message: expect.stringContaining('ABSENT_KEY'),
    });
  });
});

describe('planning', () => {
  const plan = { approach: 'add it', files: [{ path: 'src/hello.txt', lines: 1 }], tests: [], risks: [] };

  it('takes a plan that is proposed by a call, after a look around', async () => {
    const scene = await stage([
      { call: 'list_files', input: {} },
      { call: 'propose_plan', input: plan },
    ]);
    const proposed = await scene.plan();
    expect(proposed.plan).toEqual({ version: 1, spec_id: 'FEAT-1', ...plan });
    expect(proposed.spend.turns).toBe(2);
    const tools = scene.endpoint.seen[0]?.body['tools'] as { function: { name: string } }[];
    expect(tools.map((tool) => tool.function.name)).toEqual(['list_files', 'read_file', 'search', 'propose_plan']);
  });

  it('takes a plan in words', async () => {
    const scene = await stage([{ say: `Here:\n\`\`\`json\n${JSON.stringify(plan)}\n\`\`\`` }]);
    expect((await scene.plan()).plan.files).toEqual(plan.files);
  });

  it('asks for JSON of the schema when words say nothing', async () => {
    const scene = await stage([{ say: 'hm' }, { say: 'hm' }, { say: 'hm' }, { say: JSON.stringify(plan) }]);
    expect((await scene.plan()).plan.approach).toBe('add it');
    expect(scene.endpoint.seen[3]?.body['response_format']).toMatchObject({ type: 'json_schema' });
  });

  it('asks for plain text where the endpoint knows no schemas', async () => {
    const scene = await stage([
      { say: 'hm' },
      { say: 'hm' },
      { say: 'hm' },
      { status: 400, body: '{"error":{"message":"response_format is not supported"}}' },
      { say: `a plan: ${JSON.stringify(plan)}` },
    ]);
    expect((await scene.plan()).plan.approach).toBe('add it');
  });

  it('says so when there is no plan to be had, and counts every try', async () => {
    const scene = await stage([{ say: 'no' }]);
    await expect(scene.plan()).rejects.toMatchObject({ code: 'PLAN_UNREADABLE', spend: { turns: 5 } });
  });
});
