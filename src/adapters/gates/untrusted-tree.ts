import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../../core/fault.js';

/** Codes of faults in preparing and reading a checkout. */
export type CheckoutFaultCode = 'CHECKOUT_FAILED';

/**
 * A checkout holds whatever the candidate put there: a symbolic link in the middle of a path would lead a write of ours
 * anywhere on the host. These functions walk the path part by part and replace what is not a real folder.
 */
export async function writeInside(root: string, path: string, bytes: Uint8Array | string, mode = 0o644): Promise<void> {
  const file = await clearPlace(root, path);
  await writeFile(file, bytes, { flag: 'wx', mode });
  await chmod(file, mode);
}

/** Removes a file or folder below `root`; nothing happens when it is absent or stands behind a link. */
export async function removeInside(root: string, path: string): Promise<void> {
  let at = root;
  for (const part of partsOf(path).slice(0, -1)) {
    at = join(at, part);
    if (!(await isRealFolder(at))) return;
  }
  await rm(join(root, path), { recursive: true, force: true });
}

/** An empty folder at `path`, whatever stood there before. */
export async function makeFolderInside(root: string, path: string): Promise<void> {
  await mkdir(await clearPlace(root, path));
}

/** What came of reading a report: its bytes, or in words why there are none. */
export type ReportRead =
  | { readonly bytes: Uint8Array; readonly problem: null }
  | { readonly bytes: null; readonly problem: string };

/**
 * A regular file of at most `maxBytes` below `root`, no symbolic link on the way, never blocking on a named pipe.
 * Only to be called when every process of the run is dead.
 */
export async function readInside(root: string, path: string, maxBytes: number): Promise<ReportRead> {
  let at = root;
  for (const part of partsOf(path).slice(0, -1)) {
    at = join(at, part);
    if (!(await isRealFolder(at))) return refuse(`${path} was not written (no folder ${part})`);
  }
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(join(root, path), flags).catch((error: unknown) => codeOf(error));
  if (file === 'ENOENT') return refuse(`${path} was not written`);
  if (file === 'ELOOP') return refuse(`${path} is a symbolic link`);
  if (typeof file === 'string') return refuse(`${path} cannot be read (${file})`);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return refuse(`${path} is not a regular file`);
    if (stat.size > maxBytes) return refuse(`${path} has ${stat.size} bytes, more than ${maxBytes}`);
    return { bytes: await file.readFile(), problem: null };
  } finally {
    await file.close();
  }
}

function refuse(problem: string): ReportRead {
  return { bytes: null, problem };
}

/** Makes the folders above `path` real ones, removes what stands at `path`, and returns where that is. */
async function clearPlace(root: string, path: string): Promise<string> {
  let at = root;
  for (const part of partsOf(path).slice(0, -1)) {
    at = join(at, part);
    if (await isRealFolder(at)) continue;
    await rm(at, { recursive: true, force: true });
    await mkdir(at);
  }
  const place = join(root, path);
  await rm(place, { recursive: true, force: true });
  if (!place.startsWith(`${dirname(root)}/`)) throw outside(path);
  return place;
}

function partsOf(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || path.startsWith('/') || parts.includes('..')) throw outside(path);
  return parts;
}

function outside(path: string): Fault<CheckoutFaultCode> {
  return new Fault('CHECKOUT_FAILED', `"${path}" is not a path inside the checkout`, {
    mend: 'name a path relative to the top of the repository',
  });
}

async function isRealFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : String(error);
}
