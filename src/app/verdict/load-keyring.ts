import { type AllowedSigners, parseAllowedSigners } from '../../core/caws/keys/allowed-signers.js';
import { type Revocations, markRevoked } from '../../core/caws/keys/revocations.js';
import { ignoreSharedKeys } from '../../core/caws/keys/shared-keys.js';
import { decodeUtf8 } from '../../core/digest.js';
import type { Documents } from '../../ports/documents.js';
import type { Keyring } from '../../ports/keyring.js';
import { noRevocations, readRevocations, revokedPath } from './load-revocations.js';
import { checkRootSignature } from './root-signature.js';

/** Where a repository keeps its signers; the root's signature stands beside it as `.sig`. */
export const allowedSignersPath = '.caws/keys/allowed_signers';

/** Who may sign what, and why that may not be believed (null when it may): nobody is in a keyring not believed. */
export interface TrustedKeyring {
  readonly signers: AllowedSigners;
  /** Keys that are revoked; their lines in `signers` are marked. */
  readonly revocations: Revocations;
  readonly distrust: string | null;
}

/** Where a keyring is read: `read` gives a file of the base commit or of the work tree, null when absent. */
export interface KeyringSource {
  /** Null where it is not known: outside a repository, or in a shallow clone. */
  readonly repositoryId: string | null;
  readonly nowMs: number;
  /** The root’s public line that a person named; else the pinned one counts. */
  readonly rootKey?: string | undefined;
  readonly read: (path: string) => Promise<Uint8Array | null>;
}

/**
 * Reads `.caws/keys/allowed_signers` and believes it only when the root key that was pinned outside of the repository
 * signed these very bytes: a hostile repository cannot bring its own signers. The same holds for `.caws/keys/revoked.yaml`,
 * where there is one: a revocation that cannot be believed is no reason to go on as if there were none.
 * @throws PINNED_ROOT_UNREADABLE, and what `read` throws
 * @see constitution §3, Trust root
 */
export async function loadKeyring(
  source: KeyringSource,
  keyring: Keyring,
  documents: Documents,
): Promise<TrustedKeyring> {
  const nobody = (why: string): TrustedKeyring => ({ ...readSigners(new Uint8Array()), distrust: why });
  const bytes = await source.read(allowedSignersPath);
  if (bytes === null) return nobody(`there is no ${allowedSignersPath} (arbiter init makes it)`);
  if (source.repositoryId === null)
    return nobody('it is not known which repository this is, so that no root is pinned for it');
  const root = source.rootKey ?? (await keyring.readPinnedRoot(source.repositoryId))?.publicKey;
  if (root === undefined)
    return nobody('no root key is pinned on this machine for this repository (arbiter init pins it)');
  const distrust = await distrustFile(source, allowedSignersPath, bytes, keyring, root);
  if (distrust !== null) return nobody(distrust);
  const revocations = await loadRevocations(source, keyring, documents, root);
  if (typeof revocations === 'string') return nobody(revocations);
  const read = readSigners(bytes);
  return { ...read, revocations, signers: markRevoked(ignoreSharedKeys(read.signers), revocations) };
}

async function distrustFile(
  source: KeyringSource,
  path: string,
  message: Uint8Array,
  keyring: Keyring,
  root: string,
): Promise<string | null> {
  const armored = await source.read(`${path}.sig`);
  if (armored === null) return `${path} bears no signature of the root key`;
  const state = checkRootSignature(keyring, { message, armored, nowMs: source.nowMs }, root);
  return state.state === 'valid' ? null : `${path} is not signed by the pinned root: ${state.detail}`;
}

/** What is revoked, or in words why that cannot be known. */
async function loadRevocations(
  source: KeyringSource,
  keyring: Keyring,
  documents: Documents,
  root: string,
): Promise<Revocations | string> {
  const bytes = await source.read(revokedPath);
  if (bytes === null) {
    const isTornAway = (await source.read(`${revokedPath}.sig`)) !== null;
    return isTornAway ? `${revokedPath} is gone, and its signature is there` : noRevocations;
  }
  return (await distrustFile(source, revokedPath, bytes, keyring, root)) ?? readRevocations(bytes, documents);
}

/** A keyring that a person gave by name, and so vouches for themselves. */
export function readSigners(bytes: Uint8Array): TrustedKeyring {
  const text = decodeUtf8(bytes);
  return {
    signers: parseAllowedSigners(text ?? ''),
    revocations: noRevocations,
    distrust: text === null ? 'the keyring is not UTF-8 text' : null,
  };
}
