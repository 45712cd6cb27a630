import { isFault } from '../../core/fault.js';
import type { Ports } from '../../ports/ports.js';
import { useRepository } from '../use-repository.js';
import { type TrustedKeyring, loadKeyring } from './load-keyring.js';

/** A repository at hand: what it is called, and the top of its work tree. */
export interface RepositoryHere {
  readonly id: string;
  readonly root: string;
}

/** The repository around a folder; null outside of any, and in one without a commit. @throws GIT_MISSING, GIT_FAILED */
export async function findRepository(
  ports: Ports,
  directory: string,
  signal: AbortSignal,
): Promise<RepositoryHere | null> {
  try {
    return await useRepository(ports, directory, signal, async (git) => ({
      id: await git.repositoryId(),
      root: git.root,
    }));
  } catch (error) {
    if (isFault(error, 'NOT_A_REPOSITORY') || isFault(error, 'UNKNOWN_REVISION')) return null;
    throw error;
  }
}

/** The keyring as the work tree has it, believed as `loadKeyring` says. @throws PINNED_ROOT_UNREADABLE */
export function loadWorkTreeKeyring(ports: Ports, here: RepositoryHere | null, nowMs: number): Promise<TrustedKeyring> {
  const read = async (path: string): Promise<Uint8Array | null> => {
    if (here === null || !(await ports.files.exists(`${here.root}/${path}`))) return null;
    return ports.files.readFile(`${here.root}/${path}`);
  };
  return loadKeyring({ repositoryId: here?.id ?? null, nowMs, read }, ports.keyring, ports.documents);
}
