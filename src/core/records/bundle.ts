import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { encodeBase64, isBase64 } from '../base64.js';
import { canonicalJson } from '../canonical-json.js';
import { decodeUtf8, encodeUtf8 } from '../digest.js';
import type { NoteKey } from '../ledger/note.js';
import type { Hash } from '../ledger/tree.js';
import { type Envelope, envelopeSchema } from './envelope.js';
import { readCanonical } from './read-canonical.js';
import { envelopeEntryKind } from './record-entry.js';

const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const base64 = z.string().min(1).refine(isBase64, 'is not base64');
// Protocol buffers write 64-bit numbers as text.
const index = z.string().regex(/^(0|[1-9]\d{0,15})$/);

const logEntrySchema = z.strictObject({
  logIndex: index,
  logId: z.strictObject({ keyId: base64 }),
  kindVersion: z.strictObject({ kind: z.literal('dsse'), version: z.literal('0.0.1') }),
  integratedTime: z.literal('0').describe('Nothing signs it, so it says nothing.'),
  inclusionProof: z.strictObject({
    logIndex: index,
    rootHash: base64,
    treeSize: index,
    hashes: z.array(base64),
    checkpoint: z.strictObject({ envelope: z.string().min(1) }),
  }),
  canonicalizedBody: base64,
});

/** A Sigstore bundle v0.3 as far as Arbiter writes it: one envelope, one key hint, one log entry with its proof. */
const bundleSchema = z.strictObject({
  mediaType: z.literal(mediaType),
  verificationMaterial: z.strictObject({
    publicKey: z.strictObject({ hint: z.string().min(1) }),
    tlogEntries: z.tuple([logEntrySchema]),
    timestampVerificationData: z.strictObject({ rfc3161Timestamps: z.tuple([]) }),
  }),
  dsseEnvelope: envelopeSchema,
});
export type Bundle = z.infer<typeof bundleSchema>;

/** What joins an envelope to a log: the entry's bytes, where they stand, and the log's signed word for that state. */
export interface LoggedEntry {
  readonly bytes: Uint8Array;
  readonly proof: {
    readonly index: number;
    readonly size: number;
    readonly root: Hash;
    readonly path: readonly Hash[];
  };
  /** The signed checkpoint at `proof.size`, a whole note. */
  readonly checkpoint: string;
  readonly logKey: NoteKey;
}

/** The id of a log: the whole digest whose first four bytes a note's signature line carries. @see C2SP signed-note */
export function logIdOf({ name, kind, publicKey }: NoteKey): string {
  return encodeBase64(sha256(Uint8Array.of(...encodeUtf8(`${name}\n`), kind, ...publicKey)));
}

/** One file with which a stranger checks signature, inclusion and checkpoint offline. @see Sigstore bundle v0.3 */
export function composeBundle(envelope: Envelope, logged: LoggedEntry): Bundle {
  const { bytes, proof, checkpoint, logKey } = logged;
  return {
    mediaType,
    verificationMaterial: {
      publicKey: { hint: envelope.signatures[0].keyid },
      tlogEntries: [
        {
          logIndex: String(proof.index),
          logId: { keyId: logIdOf(logKey) },
          kindVersion: { ...envelopeEntryKind },
          integratedTime: '0',
          inclusionProof: {
            logIndex: String(proof.index),
            rootHash: encodeBase64(proof.root),
            treeSize: String(proof.size),
            hashes: proof.path.map(encodeBase64),
            checkpoint: { envelope: checkpoint },
          },
          canonicalizedBody: encodeBase64(bytes),
        },
      ],
      timestampVerificationData: { rfc3161Timestamps: [] },
    },
    dsseEnvelope: envelope,
  };
}

/** The bytes of a bundle's file: RFC 8785 JSON and one newline. The same bundle gives the same bytes. */
export function renderBundle(bundle: Bundle): Uint8Array {
  return encodeUtf8(`${canonicalJson(bundle)}\n`);
}

/**
 * Reads a bundle's file, or says why it is none of ours. Only the one spelling is taken, so that no two readers see two
 * bundles in it and every changed byte is noticed. Nothing is believed yet.
 */
export function parseBundle(bytes: Uint8Array): Bundle | string {
  const text = decodeUtf8(bytes);
  const read = readCanonical(bundleSchema, text?.endsWith('\n') === true ? text.slice(0, -1) : text);
  if (typeof read === 'string') return `it is not a bundle as Arbiter writes it: ${read}`;
  return text?.endsWith('\n') === true
    ? read.value
    : 'it is not a bundle as Arbiter writes it: it lacks its last newline';
}
