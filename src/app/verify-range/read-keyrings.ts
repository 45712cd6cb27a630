import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import { type TrustedKeyring, allowedSignersPath, loadKeyring } from '../verdict/load-keyring.js';

/** Reads the keyring that a commit holds; the same files are read and checked once. */
export type KeyringReader = (commit: string) => Promise<TrustedKeyring>;

/**
 * Keyrings by commit, each believed only when the root signed it.
 * @param rootKey public line of the root that a person named; undefined: the pinned one
 */
export function createKeyringReader(
  ports: Ports,
  git: GitSession,
  known: { readonly repositoryId: string; readonly rootKey: string | undefined },
): KeyringReader {
  const read = new Map<string, Promise<TrustedKeyring>>();
  return async (commit) => {
    const files = await git.listFiles(commit, allowedSignersPath.replace(/\/[^/]*$/, ''));
    const key = files.map(({ path, blob, mode }) => `${mode} ${blob} ${path}`).join('\n');
    const reading =
      read.get(key) ??
      loadKeyring(
        { ...known, nowMs: ports.clock.nowMs(), read: (path) => git.readFile(commit, path) },
        ports.keyring,
        ports.documents,
      );
    read.set(key, reading);
    return reading;
  };
}
