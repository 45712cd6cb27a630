import { mkdtemp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBareSandbox, createBubblewrapSandbox } from '../../src/adapters/sandbox/index.js';
import { readProcessTable } from '../../src/adapters/sandbox/process-table.js';
import type { SandboxedCommand, SandboxLimits } from '../../src/ports/index.js';

const limits: SandboxLimits = {
  timeoutMs: 20_000,
  memoryMb: 512,
  maxProcesses: 64,
  maxOutputBytes: 1_000_000,
  maxFileBytes: 20_000_000,
  maxWrittenBytes: 200_000_000,
};

const bubblewrap = createBubblewrapSandbox();
const bubblewrapProbe = await bubblewrap.probe();
const sandboxes = [
  { name: 'bubblewrap', sandbox: bubblewrap, skip: !bubblewrapProbe.available },
  { name: 'none', sandbox: createBareSandbox(), skip: false },
];
if (!bubblewrapProbe.available) console.warn(`skipped: ${bubblewrapProbe.detail}`);

describe.each(sandboxes)('sandbox $name', ({ sandbox, skip, name }) => {
  const run = it.skipIf(skip);
  let work = '';
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'arbiter-contract-'));
  });
  afterAll(async () => {
    await rm(work, { recursive: true, force: true });
  });
  const command = (argv: readonly string[], more: Partial<SandboxedCommand> = {}): SandboxedCommand => ({
    argv,
    cwd: work,
    env: {},
    readOnly: [],
    writable: [{ from: work, to: work }],
    scratch: [],
    limits,
    ...more,
  });
  const shell = (script: string, more: Partial<SandboxedCommand> = {}) =>
    sandbox.run(command(['/bin/sh', '-c', script], more));
  const node = (script: string, more: Partial<SandboxedCommand> = {}) =>
    sandbox.run(command([process.execPath, '-e', script], more));
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  const liveWith = async (argument: string) => {
    const found: number[] = [];
    for (const row of readProcessTable()) {
      const line = await readFile(`/proc/${row.pid}/cmdline`, 'utf8').catch(() => '');
      if (line.split('\0').includes(argument)) found.push(row.pid);
    }
    return found;
  };

  run('probes by really starting something', async () => {
    expect(await sandbox.probe()).toMatchObject({ available: true, name });
  });

  run('gives exit status, output and error of the command', async () => {
    const result = await shell('echo out; echo err >&2; exit 7');
    expect(result).toMatchObject({ exit: 7, ended: 'exited' });
    expect(text(result.stdout)).toBe('out\n');
    expect(text(result.stderr)).toBe('err\n');
  });

  run('tells a killed command and a missing program by their status', async () => {
    expect((await shell('kill -9 $$')).exit).toBe(137);
    expect((await sandbox.run(command(['no-such-program-here']))).exit).toBe(127);
  });

  run('reports a folder that is not there as a fault', async () => {
    const missing = sandbox.run(command(['true'], { cwd: join(work, 'no-such-folder') }));
    await expect(missing).rejects.toMatchObject({ code: 'SANDBOX_FAILED' });
  });

  run('runs node, writes into a writable mount and nowhere else', async () => {
    const result = await node(`require('fs').writeFileSync('made.txt', process.version)`);
    expect(text(result.stderr)).toBe('');
    expect(await readFile(join(work, 'made.txt'), 'utf8')).toBe(process.version);
  });

  run('hides the caller’s environment and gives a private, empty HOME', async () => {
    process.env['ARBITER_TEST_SECRET'] = 'planted';
    const result = await shell('env; ls -A "$HOME"; touch "$HOME/x" && touch "$TMPDIR/y"; echo "left $?"', {
      env: { GIVEN: 'yes' },
    });
    delete process.env['ARBITER_TEST_SECRET'];
    expect(text(result.stdout)).toContain('GIVEN=yes');
    expect(text(result.stdout)).toContain('left 0');
    expect(text(result.stdout)).not.toContain('planted');
    expect(text(result.stdout)).not.toContain(process.env['HOME'] ?? '/root-of-nobody');
  });

  run('ends at the time limit, SIGTERM ignored or not', async () => {
    const startedMs = performance.now();
    const result = await shell('trap "" TERM INT HUP; while :; do sleep 1; done', {
      limits: { ...limits, timeoutMs: 400 },
    });
    expect(result).toMatchObject({ exit: null, ended: 'timeout' });
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });

  run('ends within two seconds of an abort, also of one that came before', async () => {
    const abort = new AbortController();
    const running = sandbox.run(command(['sleep', '300.0625']), abort.signal);
    setTimeout(() => abort.abort(), 200);
    const startedMs = performance.now();
    expect(await running).toMatchObject({ exit: null, ended: 'aborted' });
    expect(performance.now() - startedMs).toBeLessThan(2200);
    expect(await liveWith('300.0625')).toEqual([]);
    expect(await sandbox.run(command(['sleep', '300']), abort.signal)).toMatchObject({ ended: 'aborted' });
  });

  run('ends at the output limit and keeps what came before', async () => {
    const result = await shell('yes', { limits: { ...limits, maxOutputBytes: 100_000 } });
    expect(result).toMatchObject({ exit: null, ended: 'output-limit' });
    expect(result.stdout.length).toBe(100_000);
  });

  run('ends at the memory limit', async () => {
    const result = await node(`const kept = []; setInterval(() => kept.push(Buffer.alloc(3e7, 1)), 5)`, {
      limits: { ...limits, memoryMb: 200 },
    });
    expect(result).toMatchObject({ exit: null, ended: 'memory-limit' });
  });

  run('ends a fork bomb', async () => {
    const bomb = `b() { sleep 30.03125 & b; }; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do sleep 30.03125 & done; wait`;
    const result = await shell(bomb, { limits: { ...limits, maxProcesses: 10 } });
    expect(result).toMatchObject({ exit: null, ended: 'process-limit' });
    expect(await liveWith('30.03125')).toEqual([]);
  });

  run('refuses a file beyond the limit', async () => {
    const result = await shell(`head -c 30000000 /dev/zero > big; echo "status $?"; rm -f big`);
    expect(text(result.stdout)).not.toContain('status 0');
  });

  run('ends a run that sends too much to the disk', async () => {
    const result = await shell(
      `for i in 1 2 3 4 5 6 7 8; do head -c 9000000 /dev/zero > f$i; sync f$i; sleep 0.1; done; sleep 2`,
      {
        limits: { ...limits, maxWrittenBytes: 20_000_000 },
      },
    );
    expect(result).toMatchObject({ exit: null, ended: 'disk-limit' });
  });

  run('leaves no process behind: background, own session, orphaned, stopped', async () => {
    const result = await shell(
      `sleep 301.125 & setsid sleep 301.125 & (setsid sh -c 'sleep 301.125 & sleep 301.125') & sh -c 'kill -STOP $$; sleep 301.125' & sleep 0.2; exit 0`,
    );
    expect(result).toMatchObject({ exit: 0, ended: 'exited' });
    expect(await liveWith('301.125')).toEqual([]);
  });

  run('leaves no process behind that also emptied its environment, if it says so', async () => {
    await shell(`(setsid env -i sh -c 'sleep 302.125 & exit 0' &) ; exit 0`);
    const left = await liveWith('302.125');
    if (sandbox.guarantees.endsEscapees) expect(left).toEqual([]);
    for (const pid of left) process.kill(pid, 'SIGKILL');
  });

  run('keeps a read-only mount as it is, if it says so', async () => {
    const kept = join(work, 'kept');
    await mkdir(kept, { recursive: true });
    await writeFile(join(kept, 'file'), 'before');
    const result = await shell(`echo after > ${kept}/file; echo "status $?"`, { readOnly: [{ from: kept, to: kept }] });
    if (sandbox.guarantees.keepsReadOnly) expect(await readFile(join(kept, 'file'), 'utf8')).toBe('before');
    else expect(text(result.stdout)).toContain('status 0');
  });

  run('hides the files of the host, if it says so', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'arbiter-secret-'));
    await writeFile(join(outside, 'secret'), 'planted');
    const result = await shell(`cat ${outside}/secret; ls /root /home /etc/shadow /var/run /run/user 2>/dev/null`);
    await rm(outside, { recursive: true });
    if (sandbox.guarantees.hidesFiles) expect(text(result.stdout)).toBe('');
    else expect(text(result.stdout)).toContain('planted');
  });

  run('closes the network, if it says so', async () => {
    let reached = 0;
    const server = createServer((socket) => {
      reached += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await node(
      `const s = require('net').connect(${port}, '127.0.0.1'); s.on('error', () => {}); s.on('close', () => {})`,
    );
    server.close();
    expect(reached).toBe(sandbox.guarantees.closesNetwork ? 0 : 1);
  });

  const live = (script: string, more: Partial<SandboxedCommand> = {}, signal?: AbortSignal) =>
    sandbox.start(command(['/bin/sh', '-c', script], more), signal);
  const all = async (stdout: AsyncIterable<Uint8Array>) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stdout) chunks.push(chunk);
    return Buffer.concat(chunks);
  };

  run('talks with a program that lives on: what it says comes while it runs', async () => {
    const talk = await live('while read line; do echo "heard $line"; done; echo bye >&2; exit 3');
    const said = talk.stdout[Symbol.asyncIterator]();
    for (const word of ['one', 'two']) {
      await talk.write(Buffer.from(`${word}\n`));
      expect(text((await said.next()).value ?? new Uint8Array())).toBe(`heard ${word}\n`);
    }
    talk.endInput();
    expect(await talk.ended).toMatchObject({ exit: 3, ended: 'exited' });
    expect(talk.stderr()).toBe('bye\n');
    expect(await said.next()).toMatchObject({ done: true });
    await talk.write(Buffer.from('swallowed\n'));
  });

  run('keeps what was said for a reader who comes when all is over', async () => {
    const talk = await live('echo early; exit 0');
    expect(await talk.ended).toMatchObject({ exit: 0 });
    expect(text(await all(talk.stdout))).toBe('early\n');
  });

  run('lets a program wait that nobody listens to, and us for one that does not read', async () => {
    const quiet = { limits: { ...limits, maxOutputBytes: 60_000_000 } };
    const talk = await live('yes | head -c 50000000; echo done >&2; cat >/dev/null; echo gone >&2', quiet);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(talk.stderr()).toBe('');
    const reading = all(talk.stdout);
    const piece = Buffer.alloc(1 << 20);
    for (let count = 0; count < 8; count += 1) await talk.write(piece);
    talk.endInput();
    expect((await reading).length).toBe(50_000_000);
    expect(await talk.ended).toMatchObject({ exit: 0 });
    expect(talk.stderr()).toBe('done\ngone\n');
  });

  run('ends a live run at the output limit, however slowly it is read, and keeps the last of its errors', async () => {
    const loud = await live('yes', { limits: { ...limits, maxOutputBytes: 100_000 } });
    expect((await all(loud.stdout)).length).toBeGreaterThanOrEqual(100_000);
    expect(await loud.ended).toMatchObject({ exit: null, ended: 'output-limit' });
    const complaining = await live('yes complaint >&2', { limits: { ...limits, maxOutputBytes: 1_000_000 } });
    expect(await complaining.ended).toMatchObject({ exit: null, ended: 'output-limit' });
    expect(complaining.stderr().length).toBeLessThanOrEqual(65_536);
  });

  run('ends a live run that ignores SIGTERM, forks twice and leaves its session, within two seconds', async () => {
    const abort = new AbortController();
    const stubborn = await live(
      'trap "" TERM INT HUP; (setsid sh -c "sleep 303.125 & sleep 303.125" &) ; sleep 303.125',
      {},
      abort.signal,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const startedMs = performance.now();
    abort.abort();
    expect(await stubborn.ended).toMatchObject({ exit: null, ended: 'aborted' });
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(await liveWith('303.125')).toEqual([]);
  });

  run('ends a live fork bomb and one that takes too long', async () => {
    // Bounded: an endless one outruns a bare sandbox (and took this machine down twice).
    const bomb = await live('for i in $(seq 200); do sleep 304.125 & done; wait', {
      limits: { ...limits, maxProcesses: 30, timeoutMs: 8000 },
    });
    expect(await bomb.ended).toMatchObject({ exit: null, ended: 'process-limit' });
    const slow = await live('sleep 304.125', { limits: { ...limits, timeoutMs: 200 } });
    expect(await slow.ended).toMatchObject({ exit: null, ended: 'timeout' });
    expect(await liveWith('304.125')).toEqual([]);
  });

  run('reports a live run that cannot be set up as a fault', async () => {
    const starting = live('true', { cwd: join(work, 'no-such-folder') }).then((talk) => talk.ended);
    await expect(starting).rejects.toMatchObject({ code: 'SANDBOX_FAILED' });
  });

  run('gives empty scratch folders that leave nothing behind, where files are hidden', async () => {
    const inside = join(work, 'scratch-here');
    const result = await shell(`ls -A ${inside}; echo x > ${inside}/x; echo "status $?"`, { scratch: [inside] });
    expect(text(result.stdout)).toBe('status 0\n');
    if (sandbox.guarantees.hidesFiles) await expect(stat(join(inside, 'x'))).rejects.toThrow('ENOENT');
  });
});

describe('sandbox bubblewrap', () => {
  const run = it.skipIf(!bubblewrapProbe.available);
  const inside = (script: string) =>
    bubblewrap.run({
      argv: ['/bin/sh', '-c', script],
      cwd: '/',
      env: {},
      readOnly: [],
      writable: [],
      scratch: [],
      limits,
    });

  run('has no capability, no host user and no say over the kernel', async () => {
    const result = await inside(
      `id -u; grep CapEff /proc/self/status; ` +
        `for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/mtrr; do (: >> $f) 2>/dev/null && echo "can write $f"; done; ` +
        `(: > /x) 2>/dev/null && echo "can write /"; (: > /usr/x) 2>/dev/null && echo "can write /usr"; (: > /dev/x) 2>/dev/null && echo "can write /dev"; true`,
    );
    expect(Buffer.from(result.stdout).toString()).toBe('1000\nCapEff:\t0000000000000000\n');
  });

  run('has no open file that Arbiter itself inherited', async () => {
    const result = await inside('exec ls -l /proc/self/fd');
    const targets = Buffer.from(result.stdout)
      .toString()
      .split('\n')
      .flatMap((line) => line.split(' -> ')[1] ?? []);
    // Its own output goes to sockets of Node, the listing is open itself; all else is /dev/null.
    expect(targets.filter((target) => !/^(\/dev\/null|socket:.*|\/proc\/\d+\/fd)$/.test(target))).toEqual([]);
  });

  it('says what is missing and how to get it, and refuses to run', async () => {
    const missing = createBubblewrapSandbox({ program: '/nonexistent/bwrap' });
    expect(await missing.probe()).toMatchObject({
      available: false,
      detail: expect.stringContaining('apt-get install bubblewrap'),
    });
    await expect(
      missing.run({ argv: ['true'], cwd: '/', env: {}, readOnly: [], writable: [], scratch: [], limits }),
    ).rejects.toMatchObject({ code: 'SANDBOX_UNAVAILABLE' });
  });

  it('fails closed when bubblewrap is there but cannot start anything', async () => {
    const broken = createBubblewrapSandbox({ program: '/bin/false' });
    const probe = await broken.probe();
    expect(probe.available).toBe(false);
    expect(probe.detail).toMatch(/cannot start a process|user namespaces/);
  });

  run('reports a mount that cannot be made as a fault, not as an exit of the command', async () => {
    const mounts = [{ from: '/nonexistent-folder', to: '/x' }];
    await expect(
      bubblewrap.run({ argv: ['true'], cwd: '/', env: {}, readOnly: mounts, writable: [], scratch: [], limits }),
    ).rejects.toMatchObject({ code: 'SANDBOX_FAILED' });
  });
});
