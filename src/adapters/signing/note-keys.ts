import { Buffer } from 'node:buffer';
import { sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { NoteKeys } from '../../ports/note-keys.js';
import { readKeyFile, unreadable } from './key-file.js';
import { readPrivateKey } from './private-key.js';
import { checkRawEd25519 } from './public-key.js';
import { WireError, readWire } from './wire.js';

/** Keys that sign notes, by node:crypto alone. */
export const noteKeys: NoteKeys = {
  async loadSigner(path) {
    const { text } = await readKeyFile(path, { repository: null, shown: [] });
    const { privateKey, publicKey } = readAs(path, () => readPrivateKey(text));
    return {
      publicKey: new Uint8Array(publicKey),
      sign: (message) => new Uint8Array(sign(null, message, privateKey)),
    };
  },
  async readPublicKey(path) {
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
      throw unreadable(path, 'cannot be read', cause);
    });
    return text === null ? null : readAs(path, () => readPublicLine(text));
  },
  check: checkRawEd25519,
};

function readPublicLine(text: string): Uint8Array {
  const [type = '', blob = ''] = text.trim().split(/\s+/);
  if (type !== 'ssh-ed25519') throw new WireError('is not an ssh-ed25519 public key');
  const wire = readWire(Buffer.from(blob, 'base64'));
  if (wire.text() !== type) throw new WireError('is of another kind than it says');
  const key = wire.string();
  wire.end();
  if (key.length !== 32) throw new WireError('does not hold 32 bytes');
  return new Uint8Array(key);
}

function readAs<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof WireError ? unreadable(path, cause.message, cause) : cause;
  }
}
