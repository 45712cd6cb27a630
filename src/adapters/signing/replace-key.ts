import { link, lstat, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../../core/fault.js';
import type { SignerFaultCode } from '../../ports/signer.js';
import { absent, existing } from './key-file.js';

/**
 * Keeps the key at `path` under a retired name and lets the next one take its place. The old files get a second name first,
 * and the private key is replaced last and in one step, so that at every moment there is one whole key in use.
 * @throws KEY_MISSING, KEY_EXISTS
 */
export async function replaceKey(
  path: string,
  { next, retired }: { readonly next: string; readonly retired: string },
): Promise<void> {
  if ((await lstat(next).catch(absent)) === null) {
    throw new Fault<SignerFaultCode>('KEY_MISSING', `there is no key file ${next}`, {
      mend: 'run arbiter keys rotate again: it makes what is missing',
    });
  }
  await keepAs(path, retired);
  // After a stop between the last two steps `.pub` is the new key's already.
  if ((await lstat(`${next}.pub`).catch(absent)) !== null) {
    await keepAs(`${path}.pub`, `${retired}.pub`);
    await rename(`${next}.pub`, `${path}.pub`);
  }
  await rename(next, path);
  const folder = await open(dirname(path));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function keepAs(path: string, retired: string): Promise<void> {
  const [old, kept] = [await lstat(path).catch(absent), await lstat(retired).catch(absent)];
  if (old === null || kept?.ino === old.ino) return;
  if (kept !== null) throw existing(retired);
  await link(path, retired);
}
