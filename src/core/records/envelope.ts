import { z } from 'zod';
import { decodeBase64, encodeBase64, isBase64 } from '../base64.js';
import { encodeUtf8 } from '../digest.js';

/** Type of an in-toto statement in an envelope. */
export const statementPayloadType = 'application/vnd.in-toto+json';

const base64 = z.string().min(1).refine(isBase64, 'is not base64');

/** A DSSE envelope with exactly one signature. `keyid` is a hint: `SHA256:…`, as ssh-keygen -l prints it. */
export const envelopeSchema = z.strictObject({
  payload: base64,
  payloadType: z.literal(statementPayloadType),
  signatures: z.tuple([z.strictObject({ keyid: z.string().min(1), sig: base64 })]),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/**
 * The bytes that an envelope's signature is over: type and payload, each with its length before it, so that one cannot
 * be shifted into the other. They begin with `DSSEv1 `, which neither an SSHSIG nor a signed note does.
 * @see DSSE protocol v1, PAE
 */
export function paeOf(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = encodeUtf8(payloadType);
  const head = encodeUtf8(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `);
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

/** Puts a statement's bytes under a signature. `sign` makes a raw Ed25519 signature over the bytes it is given. */
export function sealEnvelope(payload: Uint8Array, keyId: string, sign: (message: Uint8Array) => Uint8Array): Envelope {
  const sig = encodeBase64(sign(paeOf(statementPayloadType, payload)));
  const signatures: Envelope['signatures'] = [{ keyid: keyId, sig }];
  return { payload: encodeBase64(payload), payloadType: statementPayloadType, signatures };
}

/** What an envelope holds, as bytes; null when its base64 is not the one spelling of some bytes. */
export function openEnvelope(
  envelope: Envelope,
): { readonly payload: Uint8Array; readonly signature: Uint8Array; readonly keyId: string } | null {
  const [{ keyid, sig }] = envelope.signatures;
  const payload = decodeBase64(envelope.payload);
  const signature = decodeBase64(sig);
  return payload === null || signature === null ? null : { payload, signature, keyId: keyid };
}
