import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { scratchFolder } from '../contract/git/scratch-repository.js';
import { closeRooms, hasBubblewrap, opened, realKey, serveEndpoint } from '../contract/room-fixture.js';

// An agent that looks around: at the host's files and processes, at sockets, at the network, for the key.
afterEach(closeRooms);

const walled = it.skipIf(!hasBubblewrap);

describe('an agent that looks around on the host', () => {
  walled('sees no files but the system’s, its own and its program’s', async () => {
    const installed = scratchFolder();
    mkdirSync(join(installed, 'bin'));
    writeFileSync(join(installed, 'bin/agent'), '#!/bin/sh\necho agent runs\n', { mode: 0o755 });
    const secret = scratchFolder();
    writeFileSync(join(secret, 'token'), 'planted');
    const { sh, repository } = await opened({}, { installs: [installed] });
    expect(await sh(`${installed}/bin/agent; echo x > ${installed}/bin/agent`)).toMatch(/^agent runs\n.*Read-only/);
    const said = await sh(
      `cat ${secret}/token ${repository.root}/.git/config /etc/shadow; ls ${repository.root} /root /home /var /run /opt; ls /; ls /tmp`,
    );
    expect(said).not.toMatch(/planted|repositoryformatversion/);
    expect(said).not.toContain('arbiter-room');
    expect(await sh('cat .git/config')).not.toMatch(/remote|url/);
  });

  walled('sees no process but its own, and no memory or environment of ours', async () => {
    process.env['ARBITER_TEST_SECRET'] = 'planted-in-environment';
    const { sh } = await opened();
    const said = await sh(
      `ls /proc | grep -E '^[0-9]+$' | wc -l; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; cat /proc/${process.pid}/environ; kill -9 ${process.pid}; kill -9 -1; echo alive`,
    );
    delete process.env['ARBITER_TEST_SECRET'];
    expect(Number(said.split('\n')[0])).toBeLessThan(8);
    expect(said).not.toMatch(/planted-in-environment|vitest/);
  });

  walled(
    'reaches no socket of the host: not the database’s in a folder, not one in the abstract, not the network',
    async () => {
      const folder = scratchFolder();
      const reached: string[] = [];
      const listen = (where: string | number): Promise<() => void> =>
        new Promise((resolve) => {
          const server = createServer((socket) => {
            reached.push(String(where));
            socket.destroy();
          });
          const done = (): void => resolve(() => void server.close());
          if (typeof where === 'number') server.listen(where, '127.0.0.1', done);
          else server.listen(where, done);
        });
      const database = join(folder, '.s.PGSQL.5432');
      const closers = [await listen(database), await listen('\0arbiter-abstract'), await listen(47_613)];
      const { room } = await opened();
      const knock = `
const net = require('node:net');
for (const at of [${JSON.stringify(database)}, '\\0arbiter-abstract', 47613]) {
  const socket = typeof at === 'number' ? net.connect(at, '127.0.0.1') : net.connect(at);
  socket.on('error', (error) => console.log(error.code)).on('connect', () => console.log('reached'));
}
require('node:dns').lookup('example.org', (error) => console.log(error ? 'no name' : 'reached'));
const far = net.connect(443, '192.0.2.1');
far.on('error', (error) => console.log(error.code)).on('connect', () => console.log('reached'));
`;
      const { output } = await room.run({ argv: [process.execPath, '-e', knock], timeoutMs: 10_000 });
      for (const close of closers) close();
      expect(reached).toEqual([]);
      expect(output.trim().split('\n').sort()).toEqual([
        'ECONNREFUSED',
        'ECONNREFUSED',
        'ENETUNREACH',
        'ENOENT',
        'no name',
      ]);
    },
  );

  walled('never sees the real key: not in its environment, in /proc, in files, in an answer', async () => {
    const endpoint = await serveEndpoint((request, _body, answer) => {
      const said = JSON.stringify(request.headers);
      answer.setHeader('x-echo', String(request.headers['authorization']));
      answer.writeHead(400).end(said);
    });
    const agent = agentProfileSchema.parse({
      name: 'tester',
      kind: 'cli',
      endpoint: { protocol: 'openai-chat', base_url: endpoint.url, key_env: 'TEST_KEY' },
    });
    process.env['TEST_KEY'] = realKey;
    const { room } = await opened({ agent });
    const search = `
env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'
grep -rsa 'sk-re[a]l' /arbiter /tmp /etc /run /var 2>/dev/null
${process.execPath} -e "fetch('${room.baseUrl}/x',{method:'POST',headers:{authorization:'Bearer ${room.token}'}}).then(async a=>console.log(a.status, await a.text(), [...a.headers]))"
`;
    const live = await room.start({ argv: ['/bin/sh', '-c', search], env: { OPENAI_API_KEY: room.token } });
    let said = '';
    for await (const chunk of live.stdout) said += Buffer.from(chunk).toString();
    delete process.env['TEST_KEY'];
    endpoint.server.close();
    expect(endpoint.asked[0]?.headers['authorization']).toBe(`Bearer ${realKey}`);
    expect(said).toContain(`OPENAI_API_KEY=${room.token}`);
    expect(said).toContain('400 ');
    expect(said).not.toContain(realKey);
    const careless = room.start({ argv: ['true'], env: { OPENAI_API_KEY: realKey } });
    await expect(careless).rejects.toMatchObject({
      code: 'AGENT_FAILED',
      message: expect.not.stringContaining('sk-real'),
    });
    await expect(room.run({ argv: ['echo', `--key=${realKey}`] })).rejects.toMatchObject({ code: 'AGENT_FAILED' });
  });

  walled('reaches the relay of no other room', async () => {
    const endpoint = await serveEndpoint((_request, _body, answer) => void answer.end('{}'));
    const agent = agentProfileSchema.parse({
      name: 'tester',
      kind: 'cli',
      endpoint: { protocol: 'openai-chat', base_url: endpoint.url, key_env: 'TEST_KEY' },
    });
    const [one, two] = [await opened({ agent }), await opened({ agent })];
    expect(one.room.token).not.toBe(two.room.token);
    const ask = async (room: typeof one.room, token: string): Promise<string> => {
      const script = `fetch('${room.baseUrl}/x',{headers:{'x-api-key':'${token}'}}).then(a=>console.log(a.status))`;
      const live = await room.start({ argv: [process.execPath, '-e', script] });
      let said = '';
      for await (const chunk of live.stdout) said += Buffer.from(chunk).toString();
      return said.trim();
    };
    expect(await ask(one.room, two.room.token)).toBe('401');
    expect(await ask(one.room, one.room.token)).toBe('200');
    endpoint.server.close();
  });
});
