import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Fault } from '../../core/fault.js';
import type { KeyringFaultCode, PinnedRoot } from '../../ports/keyring.js';

const pinSchema = z.strictObject({
  version: z.literal(1),
  repo_id: z.string(),
  root_key_id: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/),
  root_public_key: z.string().regex(/^ssh-ed25519 [A-Za-z0-9+/]+={0,2}$/),
});

/** What is remembered of a repository's root, one file each in `directory`. Null where none was pinned. @throws PINNED_ROOT_UNREADABLE */
export async function readPin(directory: string, repositoryId: string): Promise<PinnedRoot | null> {
  const path = pinPath(directory, repositoryId);
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return null;
    throw unreadable(path, 'cannot be opened', cause);
  });
  if (handle === null) return null;
  try {
    const facts = await handle.stat();
    if (!facts.isFile() || (facts.mode & 0o022) !== 0) throw unreadable(path, 'can be written by others');
    return parsePin(path, await handle.readFile('utf8'), repositoryId);
  } finally {
    await handle.close();
  }
}

/** Remembers a root; the same again changes nothing. @throws PINNED_ROOT_DIFFERS, PINNED_ROOT_UNREADABLE */
export async function writePin(directory: string, repositoryId: string, root: PinnedRoot): Promise<void> {
  const path = pinPath(directory, repositoryId);
  const pinned = await readPin(directory, repositoryId);
  if (pinned !== null && pinned.publicKey === root.publicKey) return;
  if (pinned !== null) {
    throw new Fault<KeyringFaultCode>('PINNED_ROOT_DIFFERS', `${path} pins another root key (${pinned.keyId})`, {
      mend: 'if the root was really changed by its owner, remove that file by hand and run `arbiter init` again',
    });
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const pin = { version: 1, repo_id: repositoryId, root_key_id: root.keyId, root_public_key: root.publicKey };
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(pinSchema.parse(pin), null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function pinPath(directory: string, repositoryId: string): string {
  if (!/^[0-9a-f]{16,64}$/.test(repositoryId))
    throw unreadable(directory, `has no place for repository ${repositoryId}`);
  return join(directory, `${repositoryId}.json`);
}

function parsePin(path: string, text: string, repositoryId: string): PinnedRoot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(path, 'is not JSON', cause);
  }
  const parsed = pinSchema.safeParse(value);
  if (!parsed.success || parsed.data.repo_id !== repositoryId) throw unreadable(path, 'does not pin this repository');
  return { keyId: parsed.data.root_key_id, publicKey: parsed.data.root_public_key };
}

function unreadable(path: string, what: string, cause?: unknown) {
  return new Fault<KeyringFaultCode>('PINNED_ROOT_UNREADABLE', `pinned root: ${path} ${what}`, {
    mend: 'look at that file; remove it and run `arbiter init` only if you know why it is so',
    cause,
  });
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}
