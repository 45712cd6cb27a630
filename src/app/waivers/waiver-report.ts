import { z } from 'zod';
import { waiverStateOf, waiverStates, withdrawalStatement } from '../../core/caws/waiver-life.js';
import type { Waiver } from '../../core/caws/waiver.js';
import { decodeUtf8 } from '../../core/digest.js';
import { formatInstant } from '../../core/time.js';
import type { Documents } from '../../ports/documents.js';
import type { StoredWaiver, WaiverEvent } from '../../ports/waiver-store.js';
import { readWaiver } from '../constitution/load-waivers.js';

const word = z.strictObject({ by: z.string(), key_id: z.string(), at: z.string() });
const count = z.number().int().nonnegative();

/** A waiver and its whole life, as `waiver list` and `waiver show` tell it. */
export const waiverReportSchema = z
  .strictObject({
    id: z.string(),
    sha256: z.string(),
    state: z.enum(waiverStates),
    title: z.string(),
    spec_id: z.string(),
    task_id: z.string().nullable(),
    gates: z.array(z.string()),
    paths: z.array(z.string()),
    delta: z.strictObject({ max_files: z.number().int(), max_loc: z.number().int() }),
    reason_code: z.string().nullable(),
    reason: z.string().nullable(),
    mitigation: z.string().nullable(),
    requested_by: z.string(),
    requested: z.string(),
    expires: z.string().nullable(),
    max_uses: count,
    approvals: z.array(word),
    withdrawn: z.strictObject({ kind: z.enum(['denied', 'revoked']), ...word.shape }).nullable(),
    uses: z.array(z.strictObject({ verdict_id: z.string(), task_id: z.string(), at: z.string() })),
    text: z.string().describe('The very bytes that approvers sign.'),
    statements: z
      .strictObject({ deny: z.string(), revoke: z.string() })
      .describe('The lines that an approver signs to deny or to revoke it.'),
  })
  .meta({ id: 'WaiverReport' });
export type WaiverReport = z.infer<typeof waiverReportSchema>;

/** A stored waiver with its life, in words of the schema. */
export function reportWaiver(documents: Documents, stored: StoredWaiver, nowMs: number): WaiverReport {
  const { id, sha256, events, uses } = stored;
  const { waiver } = readWaiver(documents, id, stored.bytes);
  const { maxUses, expiresMs } = boundsOf(waiver);
  return {
    id,
    sha256,
    state: waiverStateOf({ events, uses: uses.length, maxUses, expiresMs, nowMs }),
    ...contentOf(waiver),
    spec_id: stored.specId,
    task_id: stored.taskId,
    requested_by: stored.requestedBy,
    requested: formatInstant(stored.atMs),
    expires: expiresMs === null ? null : formatInstant(expiresMs),
    max_uses: maxUses,
    approvals: events.filter(({ kind }) => kind === 'approved').map(wordOf),
    withdrawn: withdrawnOf(events),
    uses: uses.map((use) => ({ verdict_id: use.verdictId, task_id: use.taskId, at: formatInstant(use.atMs) })),
    text: decodeUtf8(stored.bytes) ?? '',
    statements: {
      deny: withdrawalStatement('denied', id, sha256),
      revoke: withdrawalStatement('revoked', id, sha256),
    },
  };
}

function boundsOf(waiver: Waiver | null): { readonly maxUses: number; readonly expiresMs: number | null } {
  return { maxUses: waiver?.maxUses ?? 0, expiresMs: waiver?.expiresMs ?? null };
}

// Bytes in the store that are no waiver are shown as what they are: nothing.
function contentOf(
  waiver: Waiver | null,
): Pick<WaiverReport, 'title' | 'gates' | 'paths' | 'delta' | 'reason_code' | 'reason' | 'mitigation'> {
  return {
    title: waiver?.title ?? 'cannot be read',
    gates: waiver?.gates ?? [],
    paths: waiver?.scope.paths ?? [],
    delta: { max_files: waiver?.delta.maxFiles ?? 0, max_loc: waiver?.delta.maxLoc ?? 0 },
    reason_code: waiver?.reasonCode ?? null,
    reason: waiver?.reason ?? null,
    mitigation: waiver?.mitigation ?? null,
  };
}

function wordOf({ by, keyId, atMs }: WaiverEvent): z.infer<typeof word> {
  return { by, key_id: keyId, at: formatInstant(atMs) };
}

function withdrawnOf(events: readonly WaiverEvent[]): WaiverReport['withdrawn'] {
  for (const event of events) if (event.kind !== 'approved') return { kind: event.kind, ...wordOf(event) };
  return null;
}
