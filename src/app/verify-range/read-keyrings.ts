import { markRevoked } from '../../core/caws/keys/revocations.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import { type TrustedKeyring, allowedSignersPath, loadKeyring } from '../verdict/load-keyring.js';

/** Reads the keyring that a commit holds; the same files are read and checked once. */
export type KeyringReader = (commit: string) => Promise<TrustedKeyring>;

/**
 * Keyrings by commit, each believed only when the root signed it. What the keyring of `head` has revoked is revoked in all
 * of them: what a thief signed before the theft was noticed is named, too.
 * @param known.rootKey public line of the root that a person named; undefined: the pinned one
 */
export async function createKeyringReader(
  ports: Ports,
  git: GitSession,
  known: { readonly repositoryId: string; readonly rootKey: string | undefined; readonly head: string },
): Promise<KeyringReader> {
  const read = new Map<string, Promise<TrustedKeyring>>();
  const { repositoryId, rootKey } = known;
  const readAt = async (commit: string): Promise<TrustedKeyring> => {
    const files = await git.listFiles(commit, allowedSignersPath.replace(/\/[^/]*$/, ''));
    const key = files.map(({ path, blob, mode }) => `${mode} ${blob} ${path}`).join('\n');
    const source = {
      repositoryId,
      rootKey,
      nowMs: ports.clock.nowMs(),
      read: (path: string) => git.readFile(commit, path),
    };
    const reading = read.get(key) ?? loadKeyring(source, ports.keyring, ports.documents);
    read.set(key, reading);
    return reading;
  };
  const { revocations } = await readAt(known.head);
  if (revocations.revoked.length === 0) return readAt;
  return async (commit) => {
    const keyring = await readAt(commit);
    return { ...keyring, signers: markRevoked(keyring.signers, revocations) };
  };
}
