import { decodeBase64 } from '../base64.js';
import { type AllowedSigner, type AllowedSigners, findSigner } from '../caws/keys/allowed-signers.js';
import { type NoteKey, noteKinds } from '../ledger/note.js';
import { sshKeyOf } from './public-key.js';

/** Namespace of a log's key in `allowed_signers`. */
export const logNamespace = 'caws-log';

/** The 32 bytes of an Ed25519 key of a keyring's line; null for any other key. */
export function rawKeyOf({ keyType, key }: Pick<AllowedSigner, 'keyType' | 'key'>): Uint8Array | null {
  const raw = keyType === 'ssh-ed25519' ? (decodeBase64(key)?.slice(-32) ?? null) : null;
  return raw?.length === 32 && sshKeyOf(raw).key === key ? raw : null;
}

/** Keys that a keyring knows for a log, as keys of notes under that log's name. */
export interface KnownLogKeys {
  /** Those that may sign for it at the instant. */
  readonly good: readonly NoteKey[];
  /** Those that may not: revoked, at their end, or not begun. */
  readonly past: readonly NoteKey[];
}

/**
 * The keys that a keyring knows for a log. A revoked key is never good: whoever holds it can write any place in the log
 * that they like.
 * @param origin name of the log
 * @param atMs milliseconds since the epoch
 */
export function logKeysOf(signers: AllowedSigners, origin: string, atMs: number): KnownLogKeys {
  const [good, past]: [NoteKey[], NoteKey[]] = [[], []];
  for (const line of signers.entries) {
    const publicKey = rawKeyOf(line);
    if (publicKey === null) continue;
    const { state } = findSigner(signers, sshKeyOf(publicKey), { namespace: logNamespace, nowMs: atMs });
    const key = { name: origin, kind: noteKinds.ed25519, publicKey };
    if (state === 'valid') good.push(key);
    else if (state === 'revoked-key' || state === 'expired-key') past.push(key);
  }
  return { good, past };
}
