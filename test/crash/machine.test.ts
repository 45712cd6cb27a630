import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { submitTask } from '../../src/app/tasks/submit-task.js';
import { isFault } from '../../src/core/fault.js';
import { type CrashHome, createCrashHome, sendSignal, until } from './crash-home.js';
import { createCrew } from './crew.js';
import { killPostmaster } from './faults.js';
import { type Ground, layGround } from './ground.js';
import { judgeRefs, judgeStory, readAll, tally, toldFaults } from './judge-tasks.js';
import { kinds, requestOf } from './kinds.js';
import { describeProcess, namesIn, processesOf } from './processes.js';
import { untilAtRest } from './rest.js';

/** A small disk of its own, or why there can be none. */
function mountDisk(): { readonly folder: string; unmount(): void } | string {
  const folder = mkdtempSync(join(tmpdir(), 'arbiter-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=260m,mode=755', 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    rmSync(folder, { recursive: true });
    return `a small disk cannot be mounted: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
  return {
    folder,
    unmount() {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Writes until nothing more can be written; what was there before stays. */
function fillDisk(file: string): void {
  for (const size of [1 << 22, 1 << 16, 1 << 12]) {
    const block = Buffer.alloc(size);
    try {
      for (;;) writeFileSync(file, block, { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}

describe('a machine that fails', () => {
  it(
    'a full disk: tasks come to a named end, and all goes on once there is room',
    { timeout: 240_000 },
    async ({ skip }) => {
      const disk = mountDisk();
      if (typeof disk === 'string') return skip(`skipped: ${disk}`);
      const home: CrashHome = createCrashHome({}, disk.folder);
      const ballast = join(disk.folder, 'ballast');
      let ground: Ground | null = null;
      try {
        const runtime = await home.open();
        ground = await layGround(home, runtime, 1500);
        const { repository } = ground;
        const crew = createCrew(home, 1);
        crew.refill();
        await until('a worker is up', 30_000, async () => (await runtime.executors()).length > 0);
        const kind = kinds.find(({ name }) => name === 'refused');
        if (kind === undefined) throw new Error('there is no kind refused');
        const ask = async (): Promise<string> =>
          (await submitTask(home.ports, runtime, requestOf(kind, repository, null, Date.now()))).task.id;
        for (let count = 0; count < 8; count += 1) await ask();
        fillDisk(ballast);
        await sleep(5000);
        const { bavail, bsize } = statfsSync(disk.folder);
        console.log(
          'full disk, bytes free:',
          bavail * bsize,
          'states:',
          tally((await runtime.tasks.list()).map(({ state }) => state)),
        );
        // What cannot be stored is refused in words, and is not there afterwards.
        const refused = await ask().catch((error: unknown) => error);
        if (typeof refused !== 'string') expect(isFault(refused)).toBe(true);
        rmSync(ballast);
        crew.refill();
        await untilAtRest(runtime, 120_000);
        const last = await ask();
        await untilAtRest(runtime, 60_000);
        const told = await readAll(runtime);
        console.log(
          'full disk:',
          tally(told.map(({ task }) => `${task.state} ${task.reason?.code ?? ''}`)),
          toldFaults(told),
        );
        expect(told.flatMap(({ task, events }) => judgeStory(task, events))).toEqual([]);
        expect(told.every(({ task }) => ['rejected', 'failed'].includes(task.state))).toBe(true);
        for (const { task } of told.filter(({ task: { state } }) => state === 'failed')) {
          expect(['DISK_FULL', 'WRITE_FAILED', 'SCRATCH_FAILED', 'GIT_FAILED']).toContain(task.reason?.code);
        }
        expect((await runtime.tasks.read(last)).task.state).toBe('rejected');
        expect(
          await judgeRefs(
            ground,
            told.map(({ task }) => task),
          ),
        ).toEqual([]);
        expect((await home.run('down')).code).toBe(0);
      } finally {
        rmSync(ballast, { force: true });
        await home.close();
        await ground?.remove();
        disk.unmount();
      }
    },
  );

  it('whoever makes and starts the database is killed, again and again', { timeout: 150_000 }, async () => {
    const home = createCrashHome();
    try {
      for (const afterMs of [300, 600, 900, 1200, 1500, 1800, 2200, 2600]) {
        const { pid } = home.start('status');
        await sleep(afterMs);
        sendSignal(pid ?? 0, 'SIGKILL');
      }
      expect((await home.run('status')).out).toContain('no worker is up');
      await home.run('down');
      expect(processesOf(home.home).map(describeProcess)).toEqual([]);
      expect(namesIn(home.temporary)).toEqual([]);
    } finally {
      await home.close();
    }
  });

  it('a worker whose database is killed as it starts comes up all the same', { timeout: 150_000 }, async () => {
    const home = createCrashHome();
    try {
      const runtime = await home.open();
      for (const afterMs of [300, 500, 700, 900, 1100, 1300]) {
        const { pid } = home.start('up', '--foreground');
        await sleep(afterMs);
        await killPostmaster({ home });
        const isUp = async (): Promise<boolean> =>
          (await runtime.executors().catch(() => [])).some((executor) => executor.pid === pid);
        await until(`the worker is up: ${home.said(5)}`, 30_000, isUp);
        sendSignal(pid ?? 0, 'SIGKILL');
      }
    } finally {
      await home.close();
    }
  });
});
