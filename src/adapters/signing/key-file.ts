import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type ShownPath, findShowing } from '../../core/caws/keys/sandbox-reach.js';
import { Fault, isFault } from '../../core/fault.js';
import type { SignerFaultCode } from '../../ports/signer.js';
import { type PrivateKey, readPrivateKey } from './private-key.js';
import { WireError } from './wire.js';

const maxKeyBytes = 64 * 1024;

/** Where keys may not lie. */
export interface Forbidden {
  /** Top of the work tree; null outside of any repository. */
  readonly repository: string | null;
  /** What the sandbox of a worker shows. */
  readonly shown: readonly ShownPath[];
}

export interface KeyFile {
  readonly text: string;
  readonly uid: number;
  readonly mode: number;
}

/**
 * Reads a private key file that is where and as it must be: a regular file outside of the repository, and of what workers
 * are shown, that nobody but its owner can read. What is checked is the file that was opened, not its name a moment before.
 * @throws KEY_MISSING, KEY_UNREADABLE, KEY_EXPOSED, KEY_INSIDE_REPOSITORY, KEY_WITHIN_SANDBOX
 */
export async function readKeyFile(path: string, forbidden: Forbidden): Promise<KeyFile> {
  await refusePlace(path, forbidden);
  const handle = await openKey(path);
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw unreadable(path, 'is not a regular file');
    if (facts.size > maxKeyBytes) throw unreadable(path, 'is too large for a key');
    if ((facts.mode & 0o077) !== 0) {
      const mode = (facts.mode & 0o777).toString(8).padStart(4, '0');
      throw fault('KEY_EXPOSED', `key file ${path} can be read by others (mode ${mode})`, {
        mend: `chmod 600 ${path}, and make a new key if others had access`,
      });
    }
    return { text: await handle.readFile('utf8'), uid: facts.uid, mode: facts.mode & 0o777 };
  } finally {
    await handle.close();
  }
}

const mostKept = 32;
const parsed = new Map<string, PrivateKey>();

/**
 * The key that a file's text holds. A text that was parsed before is not parsed again: the file is read and its place and
 * mode are checked each time, and the same bytes are the same key. @throws KEY_UNREADABLE
 */
export function parseKeyFile(path: string, text: string): PrivateKey {
  const digest = createHash('sha256').update(text).digest('base64');
  const known = parsed.get(digest);
  if (known !== undefined) return known;
  try {
    const key = readPrivateKey(text);
    if (parsed.size >= mostKept) parsed.clear();
    parsed.set(digest, key);
    return key;
  } catch (cause) {
    throw cause instanceof WireError ? unreadable(path, cause.message, cause) : cause;
  }
}

/**
 * Writes a private key (0600) and its public half (0644) where neither exists yet; folders above are made for the owner
 * alone.
 * @throws KEY_EXISTS, KEY_INSIDE_REPOSITORY, KEY_WITHIN_SANDBOX
 */
export async function writeKeyFiles(
  path: string,
  forbidden: Forbidden,
  texts: { readonly secret: string; readonly open: string },
): Promise<void> {
  await refusePlace(path, forbidden);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Before the key itself, so that a lone public half leaves no key behind.
  await refuseExisting(`${path}.pub`);
  await writeNew(path, texts.secret, 0o600);
  await writeNew(`${path}.pub`, texts.open, 0o644);
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  // `wx` also refuses a symbolic link that was put there in between.
  const handle = await open(path, 'wx', mode).catch((cause: unknown) => {
    throw codeOf(cause) === 'EEXIST' ? existing(path) : cause;
  });
  try {
    await handle.writeFile(text);
    await handle.chmod(mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function refuseExisting(path: string): Promise<void> {
  const there = await lstat(path).catch(absent);
  if (there !== null) throw existing(path);
}

/**
 * Both the name as given and the place that it leads to must lie outside: a link in the repository to a key elsewhere
 * can be turned around by whoever writes the repository.
 */
async function refusePlace(path: string, { repository, shown }: Forbidden): Promise<void> {
  const places = [resolve(path), await realPlace(resolve(path)), join(await realPlace(dirname(resolve(path))), 'key')];
  if (repository !== null) {
    const roots = [await realpath(repository), resolve(repository)];
    if (places.some((place) => roots.some((top) => isInside(place, top)))) throw insideRepository(path, repository);
  }
  const showing = findShowing(places, shown);
  if (showing !== null) {
    throw fault(
      'KEY_WITHIN_SANDBOX',
      `key file ${path} can be read by workers: their sandbox shows ${showing.path} (${showing.why})`,
      {
        mend: 'keep keys where no sandbox looks, such as in ~/.config/arbiter/keys, and make a new one if a worker has run since',
      },
    );
  }
}

function insideRepository(path: string, repository: string) {
  return fault('KEY_INSIDE_REPOSITORY', `key file ${path} lies inside the repository ${repository}`, {
    mend: 'keep keys outside of every repository, such as in ~/.config/arbiter/keys, where no worker’s change reaches them',
  });
}

// The real path of a file that may not exist yet: that of the nearest folder above that does.
async function realPlace(path: string): Promise<string> {
  const real = await realpath(path).catch(absent);
  if (real !== null) return real;
  const above = dirname(path);
  return above === path ? path : join(await realPlace(above), relative(above, path));
}

function isInside(place: string, root: string): boolean {
  const way = relative(root, place);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(root, way) === place);
}

async function openKey(path: string): Promise<FileHandle> {
  try {
    // O_NONBLOCK: opening a named pipe would wait for a writer for ever.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw unreadable(path, 'cannot be opened', cause);
    throw fault('KEY_MISSING', `there is no key file ${path}`, {
      mend: 'run `arbiter init` to make one, or name another with --key',
      cause,
    });
  }
}

/** Owner of a folder, null where it does not exist. */
export async function ownerOf(directory: string): Promise<number | null> {
  return (await stat(directory).catch(absent))?.uid ?? null;
}

/** Null for a file that is not there; every other cause is thrown on. */
export function absent(cause: unknown): null {
  if (codeOf(cause) === 'ENOENT') return null;
  throw cause;
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && !isFault(cause) ? String(cause.code) : undefined;
}

/** That a key file stands in the way. */
export function existing(path: string) {
  return fault('KEY_EXISTS', `${path} exists already, and a key is never overwritten`, {
    mend: 'use the key that is there, or name another path',
  });
}

/** A key file that is no key Arbiter can use. */
export function unreadable(path: string, what: string, cause?: unknown) {
  return fault('KEY_UNREADABLE', `key file ${path} ${what}`, {
    mend: 'give an unencrypted Ed25519 key in OpenSSH format: ssh-keygen -t ed25519 -N "" -f FILE, or `arbiter init`',
    cause,
  });
}

function fault(code: SignerFaultCode, message: string, options: { mend: string; cause?: unknown }) {
  return new Fault<SignerFaultCode>(code, message, options);
}
