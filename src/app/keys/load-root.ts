import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Signer } from '../../ports/signer.js';
import { keysFault } from './keys-fault.js';
import { loadRoleKey } from './load-role-key.js';

/**
 * The root key, where it is the one that is pinned for this repository.
 * @param path where it is kept, when not in the folder of the other keys: a root is best kept offline
 * @throws KEY_MISSING, KEY_SHARED, KEYRING_UNTRUSTED, PINNED_ROOT_UNREADABLE, UNKNOWN_REVISION without a commit
 */
export async function loadRoot(ports: Ports, git: GitSession, path: string | undefined): Promise<Signer> {
  const pinned = await ports.keyring.readPinnedRoot(await git.repositoryId());
  if (pinned === null) {
    const mend = 'run `arbiter keys init` in a repository whose keyring you know to be yours: it pins the root';
    throw keysFault('KEYRING_UNTRUSTED', 'no root key is pinned on this machine for this repository', mend);
  }
  const wanted = path === undefined ? { role: 'root' as const } : { role: 'root' as const, path };
  const { signer } = await loadRoleKey(ports, wanted, git.root);
  if (signer.publicKey === pinned.publicKey) return signer;
  throw keysFault(
    'KEYRING_UNTRUSTED',
    `the root key at hand (${signer.keyId}) is not the one pinned for this repository (${pinned.keyId})`,
    'name the right one with --root-key FILE',
  );
}
