import { z } from 'zod';
import { decodeBase64, encodeBase64 } from '../base64.js';
import { digestJson } from '../canonical-json.js';
import { decodeUtf8, digestBytes, encodeUtf8 } from '../digest.js';
import { type EntryDraft, entrySchema } from '../ledger/entry.js';
import { type Envelope, openEnvelope } from './envelope.js';
import { parsePem, renderPem } from './public-key.js';
import { readCanonical, spell } from './read-canonical.js';

/** The kind and version under which foreign verifiers know an entry about a DSSE envelope. @see Rekor types/dsse v0.0.1 */
export const envelopeEntryKind = { kind: 'dsse', version: '0.0.1' } as const;

const digestSchema = z.strictObject({ algorithm: z.literal('sha256'), value: z.string().regex(/^[0-9a-f]{64}$/) });

const specSchema = z.strictObject({
  envelopeHash: digestSchema,
  payloadHash: digestSchema,
  signatures: z.tuple([z.strictObject({ signature: z.string(), verifier: z.string() })]),
});

/**
 * What the log records of an envelope: its hash, its payload's hash, its signature and the key that made it. What the
 * envelope says stays out of the log, so that it can be erased on request without breaking the tree.
 * @param publicKey the raw 32 bytes of the key that signed
 */
export function entryOfEnvelope(envelope: Envelope, publicKey: Uint8Array): EntryDraft {
  const [{ sig }] = envelope.signatures;
  const digest = (value: string) => ({ algorithm: 'sha256', value });
  return {
    apiVersion: envelopeEntryKind.version,
    kind: envelopeEntryKind.kind,
    spec: {
      envelopeHash: digest(digestJson(envelope)),
      payloadHash: digest(digestBytes(openEnvelope(envelope)?.payload ?? new Uint8Array())),
      signatures: [{ signature: sig, verifier: encodeBase64(encodeUtf8(renderPem(publicKey))) }],
    },
  };
}

/**
 * The raw public key that an entry's bytes name for this envelope, or why they do not record it. Only the one spelling of
 * an entry is taken: two readers of other bytes might see other values.
 */
export function readEnvelopeEntry(bytes: Uint8Array, envelope: Envelope): { readonly key: Uint8Array } | string {
  const entry = readCanonical(entrySchema, decodeUtf8(bytes));
  if (typeof entry === 'string') return `it is not an entry of a ledger: ${entry}`;
  const draft = entry.value;
  const spec = specSchema.safeParse(draft.spec);
  if (draft.kind !== envelopeEntryKind.kind || draft.apiVersion !== envelopeEntryKind.version || !spec.success)
    return `it is of kind ${draft.kind} ${draft.apiVersion}, which records no envelope`;
  const key = parsePem(decodeBase64(spec.data.signatures[0].verifier) ?? new Uint8Array());
  if (key === null) return 'it names no Ed25519 key';
  const expected = entryOfEnvelope(envelope, key);
  return spell(expected.spec) === spell(draft.spec) ? { key } : 'it records another envelope';
}
