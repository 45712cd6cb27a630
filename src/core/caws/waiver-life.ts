/** Where a stored waiver stands; `signed`: an approver has signed, and whether one is enough is the base's policy's word. */
export const waiverStates = ['proposed', 'signed', 'consumed', 'expired', 'denied', 'revoked'] as const;
export type WaiverState = (typeof waiverStates)[number];

/** What a waiver's life is told by. */
export interface WaiverLifeFacts {
  readonly events: readonly { readonly kind: 'approved' | 'denied' | 'revoked' }[];
  readonly uses: number;
  readonly maxUses: number;
  /** Null: it could not be read, and so counts for nothing. */
  readonly expiresMs: number | null;
  readonly nowMs: number;
}

/** The state of a waiver: an approver's last word first, then its uses, then its time. */
export function waiverStateOf({ events, uses, maxUses, expiresMs, nowMs }: WaiverLifeFacts): WaiverState {
  for (const { kind } of events) if (kind !== 'approved') return kind;
  if (uses >= maxUses) return 'consumed';
  if (expiresMs === null || expiresMs <= nowMs) return 'expired';
  return events.length > 0 ? 'signed' : 'proposed';
}

/**
 * The one line that an approver signs to end a waiver's life, in the same namespace as an approval: it is no waiver, so
 * that neither signature can stand for the other.
 */
export function withdrawalStatement(kind: 'denied' | 'revoked', id: string, sha256: string): string {
  return `arbiter waiver ${kind === 'denied' ? 'deny' : 'revoke'}: ${id} sha256:${sha256}\n`;
}
