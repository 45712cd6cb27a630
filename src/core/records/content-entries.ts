import { z } from 'zod';
import { encodeUtf8 } from '../digest.js';
import type { Append } from '../ledger/sequence.js';

const commitment = z.string().regex(/^[0-9a-f]{64}$/);

/** What a stored content of a task is. */
export const contentKinds = ['prompt', 'transcript', 'plan', 'plea', 'patch', 'diff', 'verdict', 'findings'] as const;
export type ContentKind = (typeof contentKinds)[number];

/** What the log says of the contents behind a verdict: commitments, and nothing that could be tested without the salt. */
export const contentsEntrySchema = z.strictObject({
  verdict_id: z.string(),
  task_id: z.string(),
  contents: z.array(z.strictObject({ what: z.enum(contentKinds), commitment })),
});
export type ContentsEntry = z.infer<typeof contentsEntrySchema>;

/** What the log says of an erasure. One of `commitment` and `task_log` (the id of a task) is there. */
export const erasureEntrySchema = z.strictObject({
  commitment: commitment.nullable(),
  task_log: z.string().nullable(),
  by: z.string(),
  key_id: z.string(),
  signature_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  reason: z.string(),
  at_ms: z.number().int().nonnegative(),
});
export type ErasureEntry = z.infer<typeof erasureEntrySchema>;

export const contentsKind = 'caws-contents';
const erasureKind = 'caws-erasure';

/** The entry of the contents behind a verdict. */
export function contentsAppend(entry: ContentsEntry): Append {
  return { key: `${entry.verdict_id}/contents`, draft: { apiVersion: '1.0.0', kind: contentsKind, spec: entry } };
}

/** The key under which the erasure of a content is entered; the database erases nothing without that entry. */
export function erasureKey(of: { readonly commitment: string } | { readonly taskLog: string }): string {
  return 'commitment' in of ? `erasure/${of.commitment}` : `erasure/log/${of.taskLog}`;
}

/** The entry of an erasure. */
export function erasureAppend(entry: ErasureEntry): Append {
  const key = erasureKey(
    entry.commitment === null ? { taskLog: entry.task_log ?? '' } : { commitment: entry.commitment },
  );
  return { key, draft: { apiVersion: '1.0.0', kind: erasureKind, spec: entry } };
}

const erasureStart = encodeUtf8(`{"apiVersion":"1.0.0","kind":"${erasureKind}","prev":"`);

/** Whether an entry's bytes record an erasure, read where our spelling has it. */
export function isErasure(bytes: Uint8Array): boolean {
  for (let at = 0; at < erasureStart.length; at += 1) if (bytes[at] !== erasureStart[at]) return false;
  return true;
}
