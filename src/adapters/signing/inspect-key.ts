import { lstat, readFile, stat } from 'node:fs/promises';
import process from 'node:process';
import { isFault } from '../../core/fault.js';
import type { KeyInspection } from '../../ports/keyring.js';
import { type Forbidden, absent, parseKeyFile, readKeyFile } from './key-file.js';
import { ed25519Blob, fingerprint } from './public-key.js';

type Public = KeyInspection['publicKeys'][number];

const maxPublicBytes = 4096;

/** Looks at a private key file and its `.pub`: whose they are, which keys they hold, and why the key may not be used. */
export async function inspectKey(path: string, forbidden: Forbidden): Promise<KeyInspection> {
  const open = await readPublicHalf(`${path}.pub`);
  // The link itself too: one that leads nowhere is no missing key.
  const facts = (await stat(path).catch(absent)) ?? (await lstat(path).catch(absent));
  if (facts === null) return { publicKeys: open === null ? [] : [open], uid: null, mode: null, problem: null };
  const whose = { uid: facts.uid, mode: facts.mode & 0o777 };
  try {
    const secret = publicOf(parseKeyFile(path, (await readKeyFile(path, forbidden)).text).publicKey);
    const publicKeys = open === null || open.keyId === secret.keyId ? [secret] : [secret, open];
    const problem =
      publicKeys.length > 1 ? `${path}.pub is the public half of another key` : ownerProblem(path, facts.uid);
    return { publicKeys, ...whose, problem };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { publicKeys: open === null ? [] : [open], ...whose, problem: error.message };
  }
}

function ownerProblem(path: string, uid: number): string | null {
  const self = process.getuid?.() ?? uid;
  return uid === self ? null : `key file ${path} belongs to another user (uid ${uid}), who can read it`;
}

async function readPublicHalf(path: string): Promise<Public | null> {
  const facts = await stat(path).catch(absent);
  if (facts === null || !facts.isFile() || facts.size > maxPublicBytes) return null;
  const match = /^ssh-ed25519 ([A-Za-z0-9+/]+={0,2})(?:[ \n]|$)/.exec(await readFile(path, 'utf8'));
  if (match === null) return null;
  const blob = Buffer.from(match[1] ?? '', 'base64');
  return { keyId: fingerprint(blob), publicKey: `ssh-ed25519 ${blob.toString('base64')}` };
}

function publicOf(raw: Uint8Array): Public {
  const blob = ed25519Blob(raw);
  return { keyId: fingerprint(blob), publicKey: `ssh-ed25519 ${blob.toString('base64')}` };
}
