import { randomBytes } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readProcess } from './process-table.js';

const prefix = 'arbiter-gates-';
const roomName = /^arbiter-room-[0-9a-f]{16}$/;
const ownerFile = 'owner';

/** A fresh folder that names this process as its owner, so that a later Arbiter finds it when this one is killed. */
export async function makeTempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await nameOwner(folder);
  return folder;
}

/** A name for a folder that `makeNamedFolder` makes: who must write a name down before there is anything asks for it. */
export function nameTempFolder(): string {
  return join(tmpdir(), `arbiter-room-${randomBytes(8).toString('hex')}`);
}

/** Makes the folder of a name given by `nameTempFolder`, with this process as its owner. */
export async function makeNamedFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  await nameOwner(folder);
}

/** True for a path that `nameTempFolder` may have given: nothing else is removed because somebody wrote it down. */
export function isNamedFolder(folder: string): boolean {
  return roomName.test(basename(folder)) && isAbsolute(folder);
}

async function nameOwner(folder: string): Promise<void> {
  const self = readProcess(process.pid);
  await writeFile(join(folder, ownerFile), `${process.pid} ${self?.startTicks ?? 0}\n`, { flag: 'wx' });
}

/** Removes a folder that runs have written in: also folders that they made unreadable. */
export async function removeTempFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    // A gate may take its own write permission from a folder; links are not followed by chmod -R.
    await once(spawn('chmod', ['-R', 'u+rwX', folder], { stdio: 'ignore' }), 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes folders of Arbiter processes that are no more; returns how many. Others' folders are left alone. */
export async function removeAbandonedFolders(): Promise<number> {
  let removed = 0;
  for (const name of (await readdir(tmpdir()))
    .filter((entry) => entry.startsWith(prefix) || roomName.test(entry))
    .sort()) {
    const folder = join(tmpdir(), name);
    if (!(await isOurs(folder)) || (await hasLiveOwner(folder))) continue;
    await removeTempFolder(folder);
    removed += 1;
  }
  return removed;
}

async function isOurs(folder: string): Promise<boolean> {
  const stat = await lstat(folder).catch(() => null);
  return stat !== null && stat.isDirectory() && stat.uid === process.getuid?.();
}

async function hasLiveOwner(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, ownerFile), 'utf8').catch(() => '');
  const [pid = 0, startTicks = 0] = text.trim().split(' ').map(Number);
  if (!Number.isSafeInteger(pid) || pid <= 0) {
    // Between mkdtemp and the owner's name, and while that is written, there is none: only an old folder is abandoned.
    const stat = await lstat(folder).catch(() => null);
    return stat === null || Date.now() - stat.mtimeMs < 60_000;
  }
  const row = readProcess(pid);
  if (row !== null) return !row.dead && (startTicks === 0 || row.startTicks === startTicks);
  return startTicks === 0 && isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
