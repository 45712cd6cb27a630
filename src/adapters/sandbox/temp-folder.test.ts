import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { killAbandonedProcesses } from './index.js';
import { readProcess } from './process-table.js';
import { makeTempFolder, removeAbandonedFolders, removeTempFolder } from './temp-folder.js';

const dead = spawnSync('true').pid;

describe('what a killed Arbiter left behind', () => {
  it('its folders are removed, those of live processes are kept', async () => {
    const mine = await makeTempFolder();
    const left = mkdtempSync(join(tmpdir(), 'arbiter-gates-'));
    writeFileSync(join(left, 'owner'), `${dead} 1\n`);
    const reused = mkdtempSync(join(tmpdir(), 'arbiter-gates-'));
    writeFileSync(join(reused, 'owner'), `${process.pid} 1\n`);
    const nameless = mkdtempSync(join(tmpdir(), 'arbiter-gates-'));
    await removeAbandonedFolders();
    expect([mine, left, reused, nameless].map((folder) => existsSync(folder))).toEqual([true, false, false, true]);
    await removeTempFolder(mine);
    rmSync(nameless, { recursive: true });
  });

  it.each([
    ['was not named yet', (): void => undefined],
    ['was just being named', (folder: string): void => writeFileSync(join(folder, 'owner'), '')],
  ])('a folder whose owner %s when it was killed is removed once it is old', async (_, name) => {
    const folder = mkdtempSync(join(tmpdir(), 'arbiter-gates-'));
    name(folder);
    await removeAbandonedFolders();
    expect(existsSync(folder)).toBe(true);
    const old = Date.now() / 1000 - 120;
    utimesSync(folder, old, old);
    await removeAbandonedFolders();
    expect(existsSync(folder)).toBe(false);
  });

  it('a folder that a gate closed to us is removed too', async () => {
    const folder = await makeTempFolder();
    mkdirSync(join(folder, 'closed'));
    writeFileSync(join(folder, 'closed/file'), '');
    chmodSync(join(folder, 'closed'), 0);
    await removeTempFolder(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('its bare processes are killed, those of live ones are kept', async () => {
    const self = readProcess(process.pid);
    const nonce = 'ab'.repeat(12);
    const start = (owner: string) =>
      spawn('sleep', ['33.0625'], { env: { ARBITER_RUN: `${owner}.${nonce}` }, stdio: 'ignore', detached: true });
    const orphan = start(`${dead}.1`);
    const kept = start(`${process.pid}.${self?.startTicks}`);
    await sleep(100);
    killAbandonedProcesses();
    await sleep(100);
    expect(orphan.signalCode).toBe('SIGKILL');
    expect(kept.signalCode).toBe(null);
    kept.kill('SIGKILL');
  });
});
