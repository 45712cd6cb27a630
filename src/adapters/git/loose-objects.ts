import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate, deflateSync } from 'node:zlib';

const deflateLater = promisify(deflate);
/** From here on the compressing leaves the thread of everyone else. */
const bigBytes = 256 * 1024;

/** An object as git stores it, by the name that its bytes give it. */
export interface NewObject {
  readonly id: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly bytes: Uint8Array;
}

/** Names the bytes as git does. */
export function nameObject(format: 'sha1' | 'sha256', type: NewObject['type'], bytes: Uint8Array): NewObject {
  const id = createHash(format).update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');
  return { id, type, bytes };
}

/**
 * Writes an object into an object store, beside what is there: the file appears whole or not at all, and one that is
 * there is left alone. Rejects with the file system's error.
 * @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects (Object Storage)
 */
export async function writeLooseObject(store: string, { id, type, bytes }: NewObject): Promise<void> {
  const folder = join(store, id.slice(0, 2));
  const file = join(folder, id.slice(2));
  if (existsSync(file)) return;
  const whole = Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes]);
  const packed = whole.length < bigBytes ? deflateSync(whole, { level: 1 }) : await deflateLater(whole, { level: 1 });
  mkdirSync(folder, { recursive: true });
  // The name that git itself gives to files in the making, and clears away when they are left behind.
  const making = join(folder, `tmp_obj_${randomUUID().slice(0, 8)}`);
  try {
    writeFileSync(making, packed, { flag: 'wx' });
    chmodSync(making, 0o444);
    renameSync(making, file);
  } catch (error) {
    rmSync(making, { force: true });
    throw error;
  }
}
