import { Buffer } from 'node:buffer';
import { findSigner } from '../../core/caws/keys/allowed-signers.js';
import type { SignatureState } from '../../core/caws/keys/signature-state.js';
import type { SignatureCheck } from '../../ports/keyring.js';
import { fingerprint, readPublicKey } from './public-key.js';
import { readSshsig, signedData } from './sshsig.js';
import { WireError } from './wire.js';

/**
 * Checks one armored SSHSIG over the exact bytes: first that it is whole and made by the key that it names, then that
 * the namespace is the one asked for, then that the keyring lets this key sign here and now. Never throws on bad input.
 */
export function verifySignature(check: SignatureCheck): SignatureState {
  const proven = proveKey(check);
  return 'state' in proven ? proven : findSigner(check.allowedSigners, proven, check);
}

function proveKey(check: SignatureCheck): SignatureState | { readonly key: string; readonly keyId: string } {
  try {
    const signature = readSshsig(check.signature);
    const keyId = fingerprint(signature.publicKey);
    const data = signedData(signature.namespace, signature.hash, check.message);
    if (!readPublicKey(signature.publicKey).check(data, signature.signature)) {
      return { state: 'broken', detail: `the signature by key ${keyId} is not over these bytes` };
    }
    if (signature.namespace !== check.namespace) {
      const detail = `it is signed in namespace ${JSON.stringify(signature.namespace)}, not ${check.namespace}`;
      return { state: 'wrong-namespace', detail };
    }
    return { key: Buffer.from(signature.publicKey).toString('base64'), keyId };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { state: 'broken', detail: `the signature ${error.message}` };
  }
}
