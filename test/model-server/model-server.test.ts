import { afterEach, describe, expect, it } from 'vitest';
import { type ModelServer, type ModelServerOptions, startModelServer } from './start-model-server.js';

const open: ModelServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(options: Partial<ModelServerOptions> = {}): Promise<ModelServer> {
  const server = await startModelServer({ scripts: [{ steps: [edit, { say: 'All done.' }] }], ...options });
  open.push(server);
  return server;
}

const edit = { edit: { path: 'a.txt', text: 'new\n' } };
const parameters = { type: 'object', properties: { path: { type: 'string' }, content: { type: 'string' } } };
const cwd = 'Current working directory: /room/work.';

/** The same question in each wire, with and without a stream. */
const questions: Record<string, { path: string; streamPath?: string; body: object }> = {
  'openai-chat': {
    path: '/v1/chat/completions',
    body: {
      model: 'm',
      messages: [{ role: 'system', content: cwd }],
      tools: [{ type: 'function', function: { name: 'write', parameters } }],
    },
  },
  'openai-responses': {
    path: '/v1/responses',
    body: { model: 'm', instructions: cwd, input: [], tools: [{ type: 'function', name: 'write', parameters }] },
  },
  anthropic: {
    path: '/v1/messages',
    body: { model: 'm', system: cwd, messages: [], tools: [{ name: 'write', input_schema: parameters }] },
  },
  gemini: {
    path: '/v1beta/models/m:generateContent',
    streamPath: '/v1beta/models/m:streamGenerateContent?alt=sse',
    body: {
      systemInstruction: { parts: [{ text: cwd }] },
      contents: [],
      tools: [{ functionDeclarations: [{ name: 'write', parametersJsonSchema: parameters }] }],
    },
  },
};
const ask = (server: ModelServer, path: string, body: object): Promise<Response> =>
  fetch(`${server.url}${path}`, { method: 'POST', headers: { 'x-api-key': 'k' }, body: JSON.stringify(body) });
const chat = questions['openai-chat'] ?? { path: '', body: {} };

describe('the scripted model', () => {
  it.each(Object.entries(questions))(
    'calls the tool that was offered, in %s, streamed and whole',
    async (_name, asked) => {
      const server = await serve({ usage: { input: 12, output: 34 } });
      const whole = await (await ask(server, asked.path, asked.body)).text();
      const streamed = await (
        await ask(server, asked.streamPath ?? asked.path, { ...asked.body, stream: true })
      ).text();
      for (const said of [whole, streamed]) {
        expect(said).toContain('write');
        expect(said.replaceAll('\\', '')).toContain('/room/work/a.txt');
        expect(said).toMatch(/:12\b/);
        expect(said).toMatch(/:34\b/);
      }
      expect(streamed).toMatch(/^(event: .*\n)?data: \{/);
      expect(server.requests.map(({ stream, key, model }) => [stream, key, model])).toEqual([
        [false, 'k', 'm'],
        [true, 'k', 'm'],
      ]);
    },
  );

  it('goes on by the tool results, and says its last words for ever after', async () => {
    const server = await serve();
    const after = { ...chat.body, messages: [{ role: 'tool', content: 'ok' }] };
    expect(await (await ask(server, chat.path, after)).text()).toContain('All done.');
    const later = {
      ...chat.body,
      messages: [
        { role: 'tool', content: 'ok' },
        { role: 'tool', content: 'ok' },
      ],
    };
    expect(await (await ask(server, chat.path, later)).text()).toContain('All done.');
    expect(server.requests.map(({ turn, lastResult }) => [turn, lastResult])).toEqual([
      [1, 'ok'],
      [2, 'ok'],
    ]);
  });

  it('chooses its script by what was said', async () => {
    const server = await serve({
      scripts: [{ when: /PLAN/, steps: [{ say: 'a plan' }] }, { steps: [{ say: 'work' }] }],
    });
    const saying = (content: string): object => ({
      messages: [{ role: 'user', content: [{ type: 'text', text: content }] }],
    });
    expect(await (await ask(server, chat.path, saying('PLAN it'))).text()).toContain('a plan');
    expect(await (await ask(server, chat.path, saying('do it'))).text()).toContain('work');
  });

  it('fails as it is told', async () => {
    const kinds = [
      { kind: 'status', status: 429, retryAfter: '7' },
      { kind: 'cut', afterEvents: 1 },
      { kind: 'malformed' },
      { kind: 'slow-first-token', ms: 200 },
    ] as const;
    const server = await serve({ fault: (ordinal) => kinds[ordinal] ?? null });
    const streaming = { ...chat.body, stream: true };
    const busy = await ask(server, chat.path, streaming);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '7']);
    await expect(ask(server, chat.path, streaming).then((answer) => answer.text())).rejects.toThrow(/terminated/);
    expect(await (await ask(server, chat.path, streaming)).text()).toContain('no JSON');
    const began = performance.now();
    await (await ask(server, chat.path, streaming)).text();
    expect(performance.now() - began).toBeGreaterThan(190);
  });

  it('closes over a request that it lets wait', async () => {
    const server = await serve({ fault: () => ({ kind: 'delay', ms: 60_000 }) });
    const waiting = ask(server, chat.path, chat.body).catch(() => 'gone');
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await server.close();
    expect(await waiting).toBe('gone');
  });
});
