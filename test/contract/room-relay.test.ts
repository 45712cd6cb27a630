import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { proxyFor } from '../../src/adapters/workers/room/upstream.js';
import { agentProfileSchema, type WireProtocol } from '../../src/core/registry/agent-profile.js';
import { scratchFolder } from './git/scratch-repository.js';
import { type Answering, closeRooms, hasBubblewrap, opened, realKey, serveEndpoint } from './room-fixture.js';

const servers: { close(): void; closeAllConnections(): void }[] = [];
afterEach(async () => {
  await closeRooms();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const kinds = [
  { sandbox: 'bubblewrap' as const, skip: !hasBubblewrap },
  { sandbox: 'none' as const, skip: false },
];

/** Posts from inside and prints the status and the answer; arguments: URL, header, its value, words. */
const poster = `
const [url, header, value, words] = process.argv.slice(1);
const headers = { 'content-type': 'application/json', cookie: 'a=b', 'x-other': 'kept' };
if (header) headers[header] = value;
fetch(url, { method: 'POST', headers, body: JSON.stringify({ words }) })
  .then(async (answer) => console.log(answer.status, await answer.text()))
  .catch((error) => console.log('failed', error.cause ? error.cause.code : error));
`;

async function withEndpoint(
  sandbox: 'bubblewrap' | 'none',
  answering: Answering,
  more: { protocol?: WireProtocol; keyless?: boolean; graceMs?: number; base?: (url: string) => string } = {},
) {
  const endpoint = await serveEndpoint(answering);
  servers.push(endpoint.server);
  const agent = agentProfileSchema.parse({
    name: 'tester',
    kind: 'cli',
    endpoint: {
      protocol: more.protocol ?? 'openai-chat',
      base_url: (more.base ?? String)(endpoint.url),
      key_env: more.keyless === true ? null : 'TEST_KEY',
    },
  });
  const made = await opened({ sandbox, agent }, more.graceMs === undefined ? {} : { graceMs: more.graceMs });
  const { room } = made;
  const post = async (path: string, header = '', value = '', words = 'hello'): Promise<string> => {
    const live = await room.start({
      argv: [process.execPath, '-e', poster, `${room.baseUrl ?? ''}${path}`, header, value, words],
    });
    live.endInput();
    let said = '';
    for await (const chunk of live.stdout) said += Buffer.from(chunk).toString();
    await live.ended;
    return said.trim();
  };
  return { ...made, endpoint, post, bearer: `Bearer ${room.token}` };
}

const echo: Answering = (request, _body, answer) => {
  answer.setHeader('content-type', 'application/json');
  answer.end(JSON.stringify({ path: request.url, usage: 7 }));
};

describe.each(kinds)('the relay of a room with sandbox $sandbox', ({ sandbox, skip }) => {
  const run = it.skipIf(skip);

  run.each([
    ['authorization', (token: string) => `Bearer ${token}`, `Bearer ${realKey}`],
    ['x-api-key', (token: string) => token, realKey],
    ['x-goog-api-key', (token: string) => token, realKey],
    ['api-key', (token: string) => token, realKey],
  ] as const)('puts the real key in the token’s place: %s', async (header, shape, real) => {
    const { room, post, endpoint, calls } = await withEndpoint(sandbox, echo);
    expect(await post('/chat/completions', header, shape(room.token))).toBe(
      '200 {"path":"/v1/chat/completions","usage":7}',
    );
    const [asked] = endpoint.asked;
    expect(asked?.headers[header]).toBe(real);
    expect(asked?.body).toBe('{"words":"hello"}');
    expect(asked?.headers).toMatchObject({
      'x-other': 'kept',
      host: new URL(endpoint.url).host,
      'accept-encoding': 'identity',
    });
    expect(asked?.headers['cookie']).toBe(undefined);
    expect(calls).toEqual([
      {
        protocol: 'openai-chat',
        path: '/v1/chat/completions',
        requestBytes: 17,
        askedMs: expect.any(Number),
        contentType: 'application/json',
        said: '{"path":"/v1/chat/completions","usage":7}',
        ended: true,
      },
    ]);
    expect(room.calls()).toMatchObject({ answered: 1, notSent: 0 });
    expect(room.whyStopped()).toBe(null);
  });

  run('takes the token from ?key= too, and sends none where the endpoint asks for none', async () => {
    const { room, post, endpoint } = await withEndpoint(sandbox, echo, { protocol: 'gemini' });
    await post(`/models/x:stream?alt=sse&key=${room.token}`);
    expect(endpoint.asked[0]?.url).toBe(`/v1/models/x:stream?alt=sse&key=${realKey}`);
    const keyless = await withEndpoint(sandbox, echo, { keyless: true });
    expect(await keyless.post('/x', 'authorization', keyless.bearer)).toMatch(/^200/);
    expect(keyless.endpoint.asked[0]?.headers['authorization']).toBe(undefined);
  });

  run('refuses a request without the token, with another one, with the real key', async () => {
    const { post, endpoint, room } = await withEndpoint(sandbox, echo);
    expect(await post('/x')).toMatch(/^401 /);
    expect(await post('/x', 'authorization', 'Bearer wrong')).toMatch(/^401 /);
    expect(await post('/x', 'x-api-key', `${room.token}x`)).toMatch(/^401 /);
    await expect(post('/x', 'x-api-key', realKey)).rejects.toMatchObject({ code: 'AGENT_FAILED' });
    expect(endpoint.asked).toEqual([]);
    expect(room.calls()).toMatchObject({ answered: 0, notSent: 3 });
  });

  run('leads to the endpoint and its base path, and nowhere else', async () => {
    const { room, post, endpoint, bearer } = await withEndpoint(sandbox, echo, { base: (url) => `${url}/deep` });
    const other = await serveEndpoint(echo);
    servers.push(other.server);
    const port = new URL(room.baseUrl ?? '').port;
    const raw = `
const socket = require('node:net').connect(${port}, '127.0.0.1');
socket.write(process.argv[1].replaceAll('|', '\\r\\n'));
socket.on('data', (chunk) => console.log(chunk.toString().split('\\r\\n')[0]));
socket.on('error', (error) => console.log(error.code));
`;
    const send = async (text: string): Promise<string> => {
      const live = await room.start({ argv: [process.execPath, '-e', raw, text] });
      let said = '';
      for await (const chunk of live.stdout) said += Buffer.from(chunk).toString();
      return said.trim();
    };
    const tail = ` HTTP/1.1|host: ${new URL(other.url).host}|authorization: ${bearer}|connection: close||`;
    expect(await send(`GET /v1/deep/models${tail}`)).toBe('HTTP/1.1 200 OK');
    for (const target of [
      `${other.url}/deep/x`,
      '//127.0.0.1/v1/deep/x',
      '/v1/x',
      '/v1/deep/../x',
      '/v1/deep/%2e%2e/x',
      '/v1/deeper',
      '/',
      '*',
    ]) {
      expect([target, await send(`GET ${target}${tail}`)]).toEqual([
        target,
        expect.stringMatching(/^HTTP\/1.1 (403|400)/),
      ]);
    }
    expect(await send(`CONNECT ${new URL(other.url).host}${tail}`)).toMatch(/^HTTP\/1.1 403/);
    expect(await post('/ok', 'authorization', bearer)).toMatch(/^200/);
    expect(endpoint.asked.map(({ url }) => url)).toEqual(['/v1/deep/models', '/v1/deep/ok']);
    expect(other.asked).toEqual([]);
  });

  run('passes a stream on piece by piece, as it comes', async () => {
    const { post, bearer, calls } = await withEndpoint(sandbox, (_request, _body, answer) => {
      answer.setHeader('content-type', 'text/event-stream');
      answer.write('data: 1\n\n');
      setTimeout(() => answer.end('data: 2\n\n'), 300);
    });
    const posting = post('/x', 'authorization', bearer);
    while (calls.length === 0) await sleep(10);
    expect(calls[0]).toMatchObject({ said: 'data: 1\n\n', ended: false });
    expect(await posting).toBe('200 data: 1\n\ndata: 2');
    expect(calls[0]).toMatchObject({ said: 'data: 1\n\ndata: 2\n\n', ended: true });
  });

  run('counts a call whose agent went away before the answer began', async () => {
    const { room, bearer, calls } = await withEndpoint(sandbox, () => undefined);
    const ask = `fetch('${room.baseUrl ?? ''}/x', { method: 'POST', headers: { authorization: '${bearer}' }, body: 'x'.repeat(400), signal: AbortSignal.timeout(400) }).catch(() => {})`;
    const live = await room.start({ argv: [process.execPath, '-e', ask] });
    await live.ended;
    await expect.poll(() => calls.length, { timeout: 5000 }).toBe(1);
    expect(calls[0]).toMatchObject({ said: '', ended: true });
  });

  run.each([
    [401, {}, 'AGENT_REFUSED_KEY', null],
    [403, {}, 'AGENT_REFUSED_KEY', null],
    [429, { 'retry-after': '7' }, 'ENDPOINT_BUSY', 7000],
    [429, { 'retry-after-ms': '250' }, 'ENDPOINT_BUSY', 250],
    [529, {}, 'ENDPOINT_BUSY', null],
    [503, { 'retry-after': '1' }, 'ENDPOINT_BUSY', 1000],
    [500, {}, 'ENDPOINT_DOWN', null],
    [404, {}, 'AGENT_FAILED', null],
  ] as const)(
    'tells what %d is about, and forgets it when it went well',
    async (status, headers, code, retryAfterMs) => {
      let isWell = false;
      const { post, bearer, room, calls } = await withEndpoint(sandbox, (request, body, answer) => {
        if (isWell) return echo(request, body, answer);
        answer.writeHead(status, headers).end(`no good: ${String(request.headers['authorization'])}`);
      });
      expect(await post('/x', 'authorization', bearer)).toBe(`${status} no good: Bearer [key]`);
      expect(room.whyStopped()).toMatchObject({ code, retryAfterMs, message: expect.stringContaining(String(status)) });
      expect(calls).toEqual([]);
      isWell = true;
      await post('/x', 'authorization', bearer);
      expect(room.whyStopped()).toBe(null);
    },
  );

  run('tells an endpoint that is not there, and an answer that breaks off', async () => {
    const { post, bearer, room, endpoint, calls } = await withEndpoint(sandbox, (request, _body, answer) => {
      answer.setHeader('content-length', '1000');
      answer.write('part');
      setTimeout(() => request.socket.destroy(), 50);
    });
    expect(await post('/x', 'authorization', bearer)).toMatch(/^failed/);
    expect(room.whyStopped()).toMatchObject({ code: 'ENDPOINT_DOWN', message: expect.stringContaining('broke off') });
    expect(calls).toMatchObject([{ said: 'part', ended: true }]);
    endpoint.server.close();
    await once(endpoint.server, 'close');
    expect(await post('/x', 'authorization', bearer)).toMatch(/^502/);
    expect(room.whyStopped()).toMatchObject({
      code: 'ENDPOINT_DOWN',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(room.calls()).toMatchObject({ cut: 1, down: 1, answered: 0 });
  });

  run('answers 402 when a bound is reached, then ends the run, and says so', async () => {
    const { room, meter, bearer, endpoint } = await withEndpoint(sandbox, echo);
    const program = `${poster}; setInterval(() => {}, 1000);`;
    const live = await room.start({
      argv: [process.execPath, '-e', program, `${room.baseUrl}/x`, 'authorization', bearer],
    });
    meter.reach('money');
    const startedMs = performance.now();
    let said = '';
    for await (const chunk of live.stdout) said += Buffer.from(chunk).toString();
    expect(await live.ended).toMatchObject({ exit: null, ended: 'aborted' });
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(said).toMatch(/^402 .*bound of money/);
    expect(endpoint.asked).toEqual([]);
    expect(room.whyStopped()).toMatchObject({ code: 'BOUND_REACHED', message: expect.stringContaining('money') });
    await expect(room.start({ argv: ['true'] })).rejects.toMatchObject({ code: 'BOUND_REACHED' });
    expect(await room.readFile('src/main.js')).not.toBe(null);
    expect(await room.seal()).toHaveLength(0);
  });

  run('lets a run come to its end that asks nothing more, and ends one that does not', async () => {
    const patient = await withEndpoint(sandbox, echo, { graceMs: 5000 });
    const finishing = await patient.room.start({ argv: ['/bin/sh', '-c', 'sleep 0.3; echo finished'] });
    patient.meter.reach('turns');
    expect(await finishing.ended).toMatchObject({ exit: 0, ended: 'exited' });
    const short = await withEndpoint(sandbox, echo, { graceMs: 200 });
    const endless = await short.room.start({ argv: ['sleep', '306.125'] });
    short.meter.reach('tokens');
    expect(await endless.ended).toMatchObject({ exit: null, ended: 'aborted' });
  });

  run('is a clear fault where the path of its socket is too long for a socket', async () => {
    if (sandbox === 'none') return;
    const before = process.env['TMPDIR'];
    const long = join(scratchFolder(), 'x'.repeat(90));
    mkdirSync(long);
    process.env['TMPDIR'] = long;
    try {
      const opening = withEndpoint(sandbox, echo);
      await expect(opening).rejects.toMatchObject({ code: 'SANDBOX_FAILED', mend: expect.stringContaining('short') });
      expect(readdirSync(long).filter((name) => name.startsWith('arbiter'))).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });

  run('is gone with its room', async () => {
    const { room, post, bearer } = await withEndpoint(sandbox, echo);
    expect(await post('/x', 'authorization', bearer)).toMatch(/^200/);
    await room.close();
    if (sandbox === 'bubblewrap') return;
    const socket = connect(Number(new URL(room.baseUrl ?? '').port), '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});

describe('the proxy to an endpoint', () => {
  const proxied = (url: string, environment: Record<string, string>): string | null =>
    proxyFor(new URL(url), environment)?.href ?? null;
  const HTTPS_PROXY = 'http://proxy.example.org:3128';

  it('is the one that HTTPS_PROXY names, for https alone, and not for what NO_PROXY names', () => {
    expect(proxied('https://api.example.org/v1', { HTTPS_PROXY })).toBe(`${HTTPS_PROXY}/`);
    expect(proxied('https://api.example.org/v1', {})).toBe(null);
    expect(proxied('http://api.example.org/v1', { HTTPS_PROXY })).toBe(null);
    expect(proxied('https://localhost/v1', { HTTPS_PROXY })).toBe(null);
    expect(proxied('https://api.example.org/v1', { HTTPS_PROXY, NO_PROXY: 'x.org, .example.org' })).toBe(null);
    expect(proxied('https://api.example.org/v1', { HTTPS_PROXY, NO_PROXY: 'ample.org' })).toBe(`${HTTPS_PROXY}/`);
  });
});
