import { type AllowedSigners, parseAllowedSigners } from '../../core/caws/keys/allowed-signers.js';
import { decodeUtf8 } from '../../core/digest.js';
import type { Keyring } from '../../ports/keyring.js';

/** Where a repository keeps its signers; the root's signature stands beside it as `.sig`. */
export const allowedSignersPath = '.caws/keys/allowed_signers';

/** Who may sign what, and why that may not be believed (null when it may): nobody is in a keyring not believed. */
export interface TrustedKeyring {
  readonly signers: AllowedSigners;
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
 * signed these very bytes: a hostile repository cannot bring its own signers.
 * @throws PINNED_ROOT_UNREADABLE, and what `read` throws
 * @see constitution §3, Trust root
 */
export async function loadKeyring(source: KeyringSource, keyring: Keyring): Promise<TrustedKeyring> {
  const nobody = (distrust: string): TrustedKeyring => ({ signers: parseAllowedSigners(''), distrust });
  const bytes = await source.read(allowedSignersPath);
  if (bytes === null) return nobody(`there is no ${allowedSignersPath} (arbiter init makes it)`);
  if (source.repositoryId === null)
    return nobody('it is not known which repository this is, so that no root is pinned for it');
  const root = source.rootKey ?? (await keyring.readPinnedRoot(source.repositoryId))?.publicKey;
  if (root === undefined)
    return nobody('no root key is pinned on this machine for this repository (arbiter init pins it)');
  const armored = await source.read(`${allowedSignersPath}.sig`);
  if (armored === null) return nobody(`${allowedSignersPath} bears no signature of the root key`);
  const state = keyring.verify({
    message: bytes,
    signature: decodeUtf8(armored) ?? '',
    namespace: 'caws-keyring',
    allowedSigners: parseAllowedSigners(`root namespaces="caws-keyring" ${root}\n`),
    nowMs: source.nowMs,
  });
  if (state.state !== 'valid') return nobody(`${allowedSignersPath} is not signed by the pinned root: ${state.detail}`);
  return readSigners(bytes);
}

/** A keyring that a person gave by name, and so vouches for themselves. */
export function readSigners(bytes: Uint8Array): TrustedKeyring {
  const text = decodeUtf8(bytes);
  return { signers: parseAllowedSigners(text ?? ''), distrust: text === null ? 'the keyring is not UTF-8 text' : null };
}
