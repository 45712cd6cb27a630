import { z } from 'zod';
import { canonicalJson } from '../canonical-json.js';
import { digestBytes, encodeUtf8 } from '../digest.js';
import { hexOf } from './hex.js';
import { hashLeaf } from './tree.js';

/** What an entry may be long, in bytes: what is larger lies in the content store under its hash. @see C2SP tlog-tiles */
export const maxEntryBytes = 65_535;

/** `prev` of the first entry. */
export const noPrev = '0'.repeat(64);

/**
 * What the log holds, blind to what it records: `kind` and `apiVersion` say how `spec` is to be read, `prev` is the leaf
 * hash of the entry before. The shape is that of a Rekor entry, so that foreign verifiers read the records they know.
 */
export const entrySchema = z
  .strictObject({
    apiVersion: z.string().regex(/^\d+\.\d+\.\d+$/),
    kind: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
    prev: z.string().regex(/^[0-9a-f]{64}$/),
    spec: z.record(z.string(), z.json()),
  })
  .meta({ id: 'LedgerEntry' });
export type LedgerEntry = z.infer<typeof entrySchema>;

/** An entry before the sequencer gives it its place: everything but `prev`. */
export type EntryDraft = Omit<LedgerEntry, 'prev'>;

/** The bytes of an entry, the same for the same value: RFC 8785 JSON. @throws JSON_NOT_CANONICAL, TEXT_NOT_UNICODE */
export function encodeEntry(draft: EntryDraft, prev: string): Uint8Array {
  return encodeUtf8(canonicalJson({ ...draft, prev }));
}

/** Digest of what an entry says, whatever its place: two drafts of one content have one. */
export function digestDraft({ apiVersion, kind, spec }: EntryDraft): string {
  return digestBytes(encodeUtf8(canonicalJson({ apiVersion, kind, spec })));
}

/** Leaf hash of an entry's bytes in hex, as the next one's `prev` has it. */
export function leafOf(bytes: Uint8Array): string {
  return hexOf(hashLeaf(bytes));
}
