import type { KeyCustody } from '../../core/caws/keys/judge-trust.js';
import { type KeyRole, nameKey } from '../../core/caws/keys/key-role.js';
import type { Ports } from '../../ports/ports.js';
import type { Signer } from '../../ports/signer.js';
import { keyFolder, readKeyFolder, refuseSharing, titleOf } from './key-folder.js';

/** Which key is wanted. */
export interface WantedKey {
  readonly role: KeyRole;
  readonly owner?: string | null;
  /** Another file than the one where `arbiter keys init` puts the role's key. */
  readonly path?: string;
}

/**
 * Loads the key of a role, when it is the key of no other role.
 * @throws KEY_MISSING, KEY_UNREADABLE, KEY_EXPOSED, KEY_INSIDE_REPOSITORY, KEY_WITHIN_SANDBOX, KEY_SHARED
 */
export async function loadRoleKey(
  ports: Ports,
  { role, owner = null, path }: WantedKey,
  repositoryRoot: string | null,
): Promise<{ readonly signer: Signer; readonly custody: KeyCustody }> {
  const folder = keyFolder(ports);
  const loaded = await ports.keyring.loadSigner(path ?? `${folder}/${nameKey(role, owner)}`, repositoryRoot);
  const holder = titleOf({ role, owner });
  const used = { title: path ?? holder, holder, publicKeys: [loaded.signer.publicKey] };
  refuseSharing(await readKeyFolder(ports, folder, repositoryRoot), [used]);
  return loaded;
}
