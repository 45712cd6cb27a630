import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { makeNamedFolder, nameTempFolder, removeTempFolder } from '../../src/adapters/sandbox/temp-folder.js';
import { reapRooms } from '../../src/adapters/workers/room/reap-rooms.js';
import { readProcess } from '../../src/adapters/sandbox/process-table.js';
import type { Lease } from '../../src/ports/task-store.js';
import { scratchFolder } from '../contract/git/scratch-repository.js';
import { closeRooms, hasBubblewrap, opened, processesWith } from '../contract/room-fixture.js';

// An agent that does not end: it prints without end, multiplies, does not listen, hides; and an Arbiter that dies.
afterEach(closeRooms);

const kinds = [
  { sandbox: 'bubblewrap' as const, skip: !hasBubblewrap },
  { sandbox: 'none' as const, skip: false },
];

describe.each(kinds)('an agent that does not end, with sandbox $sandbox', ({ sandbox, skip }) => {
  const run = it.skipIf(skip);

  run('prints gigabytes: it waits while nobody reads, and is ended at its limit', async () => {
    const { room } = await opened({ sandbox });
    const before = process.memoryUsage().rss;
    const live = await room.start({ argv: ['yes', 'x'.repeat(1000)], maxOutputBytes: 300_000_000 });
    await sleep(300);
    let read = 0;
    for await (const chunk of live.stdout) read += chunk.length;
    expect(await live.ended).toMatchObject({ exit: null, ended: 'output-limit' });
    expect(read).toBeGreaterThan(290_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(250_000_000);
    const honest = await room.run({ argv: ['/bin/sh', '-c', 'yes | head -c 100000'] });
    expect(honest).toMatchObject({ exit: 0, ended: 'exited' });
    expect(honest.output.length).toBe(100_000);
  });

  run('multiplies: all of it is dead', async () => {
    const { room, sh } = await opened({ sandbox });
    const many = await room.start({
      argv: ['/bin/sh', '-c', 'i=0; while [ $i -lt 700 ]; do sleep 307.125 & i=$((i+1)); done; wait'],
    });
    expect(await many.ended).toMatchObject({ exit: null, ended: 'process-limit' });
    expect(processesWith('307.125')).toEqual([]);
    expect(await sh('for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1 & done; wait; echo fine')).toBe('fine\n');
  });

  run('ignores signals, leaves its session, loses its parents: a cancellation ends it within two seconds', async () => {
    const { room, abort } = await opened({ sandbox });
    const stubborn =
      'trap "" TERM INT HUP QUIT; (setsid sh -c "trap \\"\\" TERM; sleep 308.125 & sleep 308.125" &); echo up; sleep 308.125';
    const live = await room.start({ argv: ['/bin/sh', '-c', stubborn] });
    const terminal = room.run({ argv: ['sleep', '308.125'] });
    await live.stdout[Symbol.asyncIterator]().next();
    while (processesWith('308.125').length < 5) await sleep(10);
    const startedMs = performance.now();
    abort.abort();
    expect(await live.ended).toMatchObject({ exit: null, ended: 'aborted' });
    expect(await terminal).toMatchObject({ exit: null, ended: 'aborted' });
    await room.close();
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(processesWith('308.125')).toEqual([]);
    expect(room.whyStopped()).toMatchObject({ code: 'AGENT_CANCELLED' });
    await expect(room.readFile('src/main.js')).rejects.toMatchObject({ code: 'AGENT_CANCELLED' });
  });

  run('goes, and leaves its children to work on: they are dead when it is said to have ended', async () => {
    const { room, changed } = await opened({ sandbox });
    const live = await room.start({
      argv: ['/bin/sh', '-c', '(setsid sh -c "sleep 0.4; echo late > src/late.js; sleep 309.125" &); exit 0'],
    });
    expect(await live.ended).toMatchObject({ exit: 0, ended: 'exited' });
    expect(processesWith('309.125')).toEqual([]);
    await sleep(600);
    expect(await changed()).toEqual([]);
  });
});

describe('an Arbiter that was killed', () => {
  const dead = spawnSync('true').pid;

  const lease = (what: string, owner: string, kind: Lease['kind'] = 'clone'): Lease => ({
    id: what,
    kind,
    what,
    owner,
    host: 'here',
  });

  it('has its rooms removed and its leases released; those of the living, and what is no room, are left alone', async () => {
    const owner = `${process.pid}.${readProcess(process.pid)?.startTicks ?? 0}`;
    const [gone, lives, left] = [nameTempFolder(), nameTempFolder(), nameTempFolder()];
    const stranger = scratchFolder();
    await makeNamedFolder(lives);
    mkdirSync(left);
    mkdirSync(join(left, 'work'));
    writeFileSync(join(left, 'owner'), `${dead} 1\n`);
    const released: string[] = [];
    const leases = {
      list: async () => [
        lease(gone, `${dead}.1`),
        lease(lives, owner),
        lease(left, `${dead}.1`),
        lease(stranger, `${dead}.1`),
      ],
      release: async (id: string) => void released.push(id),
    };
    expect(await reapRooms(leases)).toBe(1);
    expect(released).toEqual([gone, left, stranger]);
    expect([lives, left, stranger].map((path) => existsSync(path))).toEqual([true, false, true]);
    await removeTempFolder(lives);
    expect(await reapRooms({ list: async () => [], release: async () => undefined })).toBe(0);
  });

  it.skipIf(!hasBubblewrap)('takes its agents with it', async () => {
    const script = join(scratchFolder(), 'hold.mts');
    const source = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url).pathname);
    writeFileSync(
      script,
      `import { createBubblewrapSandbox } from ${source('src/adapters/sandbox/index.ts')};
const limits = { timeoutMs: 60000, memoryMb: 256, maxProcesses: 50, maxOutputBytes: 1000000, maxFileBytes: 1000000, maxWrittenBytes: 1000000 };
const live = await createBubblewrapSandbox().start({ argv: ['sh', '-c', '(setsid sleep 310.125 &); echo up; sleep 310.125'], cwd: '/', env: {}, readOnly: [], writable: [], scratch: [], limits });
for await (const chunk of live.stdout) console.log(chunk.length);
`,
    );
    const arbiter = spawn(process.execPath, ['--import', 'tsx', script], {
      cwd: process.cwd(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(arbiter.stdout, 'data');
    expect(processesWith('310.125').length).toBeGreaterThan(0);
    arbiter.kill('SIGKILL');
    await once(arbiter, 'exit');
    for (let tries = 0; tries < 100 && processesWith('310.125').length > 0; tries += 1) await sleep(20);
    expect(processesWith('310.125')).toEqual([]);
  });
});
