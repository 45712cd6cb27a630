import { type NamedKey, readKeyName } from '../../core/caws/keys/key-role.js';
import { type RoleKey, findSharing } from '../../core/caws/keys/shared-keys.js';
import type { KeyInspection } from '../../ports/keyring.js';
import type { Ports } from '../../ports/ports.js';
import { keysFault } from './keys-fault.js';

/** A key file of the user, by its name and by its content. */
export interface FoundKey extends NamedKey {
  readonly path: string;
  readonly inspection: KeyInspection;
}

/** Where the keys of this user lie, outside of every repository. */
export function keyFolder(ports: Ports): string {
  return `${ports.places.configHome}/keys`;
}

/** Every key in a folder, sorted by name; a public half alone counts too. None where there is no folder. @throws FILE_UNREADABLE */
export async function readKeyFolder(
  ports: Ports,
  folder: string,
  repositoryRoot: string | null,
): Promise<readonly FoundKey[]> {
  const names = new Set((await ports.files.list(folder)).map((name) => name.replace(/\.pub$/, '')));
  const found: FoundKey[] = [];
  for (const name of [...names].sort()) {
    const named = readKeyName(name);
    if (named === null) continue;
    const path = `${folder}/${name}`;
    found.push({ ...named, path, inspection: await ports.keyring.inspectKey(path, repositoryRoot) });
  }
  return found;
}

/** A role and, for a waiver key, whose it is, in words. */
export function titleOf({ role, owner }: Pick<NamedKey, 'role' | 'owner'>): string {
  return owner === null ? role : `${role} of ${owner}`;
}

/** Which two roles have one key, retired and coming keys included, in words; null when each has its own. */
export function describeSharing(found: readonly FoundKey[], used: readonly RoleKey[] = []): string | null {
  const keys = found.map(({ role, owner, stage, inspection }) => ({
    title: `${titleOf({ role, owner })}${stage === 'current' ? '' : ` (${stage})`}`,
    holder: titleOf({ role, owner }),
    publicKeys: inspection.publicKeys.map(({ publicKey }) => publicKey),
  }));
  const sharing = findSharing([...keys, ...used]);
  return sharing === null ? null : `one key is used for two roles: ${sharing.one.title} and ${sharing.other.title}`;
}

/**
 * Refuses a folder in which one key stands for two roles, together with the keys in use elsewhere.
 * @throws KEY_SHARED
 */
export function refuseSharing(found: readonly FoundKey[], used: readonly RoleKey[] = []): void {
  const sharing = describeSharing(found, used);
  if (sharing === null) return;
  const mend = 'give each role a key of its own: move one of the files away and run `arbiter keys init`';
  throw keysFault('KEY_SHARED', sharing, mend);
}
