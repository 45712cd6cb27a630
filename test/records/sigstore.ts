import { createHash, createPublicKey } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { type TrustMaterial, Verifier, toSignedEntity } from '@sigstore/verify';
import type { Signer } from '../../src/ports/signer.js';
import { origin } from './scene.js';

const keyOf = (raw: Uint8Array) =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') },
    format: 'jwk',
  });

/** What Sigstore's own verifier says of a bundle, offline: `accepted`, else the code or the words of its refusal. */
export function askSigstore(json: unknown, keys: { readonly signer: Signer; readonly logSigner: Signer }): string {
  const { signer, logSigner } = keys;
  const logID = createHash('sha256').update(`${origin}\n\u0001`).update(logSigner.publicKeyRaw).digest();
  const validFor = { start: new Date(0), end: new Date(8e15) };
  const trust: TrustMaterial = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    ctlogs: [],
    tlogs: [{ baseURL: origin, logID, publicKey: keyOf(logSigner.publicKeyRaw), validFor }],
    publicKey: (hint) => {
      if (hint !== signer.keyId) throw new Error('unknown key');
      return { publicKey: keyOf(signer.publicKeyRaw), validFor: () => true };
    },
  };
  try {
    const verifier = new Verifier(trust, { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 });
    verifier.verify(toSignedEntity(bundleFromJSON(json)));
    return 'accepted';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
