import type { Trust } from '../../core/caws/keys/judge-trust.js';
import { judgeTrust } from '../../core/caws/keys/judge-trust.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Signer } from '../../ports/signer.js';
import { loadRoleKey } from '../keys/load-role-key.js';
import type { Constitution } from './admit.js';

export interface VerdictKey {
  readonly signer: Signer;
  readonly trust: Trust;
}

/**
 * The verdict key: the one that was named, else the environment's, else the one that `arbiter init` made; null where
 * none was ever made. A key that was named and cannot be used is a fault, never a reason to go on unsigned.
 * @throws KEY_MISSING, KEY_UNREADABLE, KEY_EXPOSED, KEY_INSIDE_REPOSITORY, KEY_WITHIN_SANDBOX, KEY_SHARED
 */
export async function loadVerdictKey(
  ports: Ports,
  git: GitSession,
  named: string | undefined,
  constitution: Constitution,
): Promise<VerdictKey | null> {
  const path = named ?? ports.places.verdictKey ?? `${ports.places.configHome}/keys/verdict`;
  const isNamed = named !== undefined || ports.places.verdictKey !== null;
  if (!isNamed && !(await ports.files.exists(path))) return null;
  const { signer, custody } = await loadRoleKey(ports, { role: 'verdict', path }, git.root);
  return { signer, trust: judgeTrust(signer.keyId, custody, constitution.config.enforcing_keys) };
}

/**
 * The key of the log, which lies beside the verdict key; null where none was made, so that verdicts are signed and not
 * logged. @throws KEY_UNREADABLE, KEY_EXPOSED, KEY_INSIDE_REPOSITORY, KEY_WITHIN_SANDBOX, KEY_SHARED
 */
export async function loadLogSigner(ports: Ports, git: GitSession, named: string | undefined): Promise<Signer | null> {
  const folder = (named ?? `${ports.places.configHome}/keys/verdict`).replace(/[^/]*$/, '');
  const path = `${folder}log`;
  return (await ports.files.exists(path)) ? (await loadRoleKey(ports, { role: 'log', path }, git.root)).signer : null;
}
