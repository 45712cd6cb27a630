import { parseAllowedSigners } from '../../core/caws/keys/allowed-signers.js';
import type { SignatureState } from '../../core/caws/keys/signature-state.js';
import { decodeUtf8 } from '../../core/digest.js';
import type { Keyring } from '../../ports/keyring.js';

/** The namespace in which the root key signs what says who may sign. */
export const keyringNamespace = 'caws-keyring';

/** The one line by which a root's signatures are checked, as an `allowed_signers` file. */
export function renderRootSigner(publicKey: string): string {
  return `root namespaces="${keyringNamespace}" ${publicKey}\n`;
}

/** What a `.sig` file proves of a file that the root alone may sign. A signature that is no text is a broken one. */
export function checkRootSignature(
  keyring: Keyring,
  signed: { readonly message: Uint8Array; readonly armored: Uint8Array; readonly nowMs: number },
  rootPublicKey: string,
): SignatureState {
  return keyring.verify({
    message: signed.message,
    signature: decodeUtf8(signed.armored) ?? '',
    namespace: keyringNamespace,
    allowedSigners: parseAllowedSigners(renderRootSigner(rootPublicKey)),
    nowMs: signed.nowMs,
  });
}
