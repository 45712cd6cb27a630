import { isPublisher, publisher } from '../../../core/caws/publication/publisher.js';
import { encodeUtf8 } from '../../../core/digest.js';
import { Fault } from '../../../core/fault.js';
import type { Ports } from '../../../ports/ports.js';
import type { Signer } from '../../../ports/signer.js';
import { loadRoleKey } from '../../keys/load-role-key.js';
import { allowedSignersPath, type TrustedKeyring } from '../../verdict/load-keyring.js';

export type PublisherFaultCode = 'PUBLISH_KEY_UNKNOWN';

/**
 * The publish key: the one that was named, else the one that `arbiter init` made. It must be the keyring's own, or no
 * server would take what it signs. @throws KEY_MISSING, KEY_EXPOSED, KEY_INSIDE_REPOSITORY, KEY_SHARED, PUBLISH_KEY_UNKNOWN
 */
export async function loadPublisher(
  ports: Ports,
  root: string,
  named: string | undefined,
  keyring: TrustedKeyring,
): Promise<Signer> {
  const path = named ?? `${ports.places.configHome}/keys/publish`;
  const { signer } = await loadRoleKey(ports, { role: 'publish', path }, root);
  const message = encodeUtf8('arbiter publish');
  const state = ports.keyring.verify({
    message,
    signature: await signer.sign('git', message),
    namespace: 'git',
    allowedSigners: keyring.signers,
    nowMs: ports.clock.nowMs(),
  });
  if (isPublisher(state)) return signer;
  throw new Fault<PublisherFaultCode>('PUBLISH_KEY_UNKNOWN', `the publish key ${path} is not in the base’s keyring`, {
    mend: `add this line to ${allowedSignersPath}, have the root sign it, and commit both: ${publisher} namespaces="git" ${signer.publicKey}`,
  });
}
