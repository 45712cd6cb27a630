import type { CheckEd25519 } from '../core/ledger/checkpoint.js';

/** A key that signs notes with bare Ed25519: what a note is about stands in its first line, and not in a namespace. */
export interface NoteSigner {
  /** The raw 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** Keys of logs and of witnesses, in OpenSSH's files like all others. */
export interface NoteKeys {
  /** @throws KEY_MISSING, KEY_UNREADABLE, KEY_EXPOSED */
  loadSigner(path: string): Promise<NoteSigner>;
  /** The raw public key of a `.pub` file; null where there is no such file. @throws KEY_UNREADABLE */
  readPublicKey(path: string): Promise<Uint8Array | null>;
  readonly check: CheckEd25519;
}
