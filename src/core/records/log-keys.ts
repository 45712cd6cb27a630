import { decodeBase64 } from '../base64.js';
import { type AllowedSigners, findSigner } from '../caws/keys/allowed-signers.js';
import { type NoteKey, noteKinds } from '../ledger/note.js';
import { sshKeyOf } from './public-key.js';

const logNamespace = 'caws-log';

/**
 * The keys that a keyring let sign for a log at an instant, as keys of notes under that log's name. A revoked key is none
 * of them: whoever holds it can write any place in the log that they like.
 * @param origin name of the log
 * @param atMs milliseconds since the epoch
 */
export function logKeysOf(signers: AllowedSigners, origin: string, atMs: number): readonly NoteKey[] {
  return signers.entries.flatMap(({ keyType, key }) => {
    const publicKey = keyType === 'ssh-ed25519' ? (decodeBase64(key)?.slice(-32) ?? null) : null;
    if (publicKey?.length !== 32) return [];
    const ssh = sshKeyOf(publicKey);
    const isLog =
      ssh.key === key && findSigner(signers, ssh, { namespace: logNamespace, nowMs: atMs }).state === 'valid';
    return isLog ? [{ name: origin, kind: noteKinds.ed25519, publicKey }] : [];
  });
}
