import { z } from 'zod';
import type { SignatureState } from './keys/signature-state.js';

/** The one internal waiver that both waiver dialects and ours are normalised into (constitution §6, §7). */
export const waiverSchema = z
  .strictObject({
    dialect: z.enum(['B', 'C']),
    id: z.string().min(1),
    title: z.string(),
    status: z.enum(['proposed', 'active', 'expired', 'revoked']),
    gates: z.array(z.string()).describe('CAWS gate names, such as budget_limit or scope_boundary.'),
    scope: z.strictObject({
      specId: z.string().nullable(),
      paths: z.array(z.string()),
      taskId: z.string().optional().describe('The one task that it is for; left out: any task of the spec.'),
      repositoryId: z.string().optional().describe('The one repository that it is for; left out: where it is found.'),
    }),
    reasonCode: z.string().nullable(),
    reason: z.string().nullable().describe('Documented necessity (CAWS §5.2).'),
    mitigation: z.string().nullable(),
    riskOwner: z.string().nullable(),
    requester: z.string().nullable(),
    approvers: z.array(z.string()),
    createdMs: z.number().int().nullable(),
    expiresMs: z.number().int().nullable(),
    maxUses: z.number().int().nonnegative().describe('0: it may never be used.'),
    delta: z.strictObject({ maxFiles: z.number().int(), maxLoc: z.number().int() }),
  })
  .meta({ id: 'Waiver' });
export type Waiver = z.infer<typeof waiverSchema>;

/** A waiver as found: its file, its bytes' digest, and what was made of its signature (constitution §6). */
export interface SubmittedWaiver {
  readonly path: string;
  readonly sha256: string;
  /** Null when the file did not load; `fault` then says why. */
  readonly waiver: Waiver | null;
  readonly fault: string | null;
  readonly signature: WaiverSignature;
  /** Further signatures of the same `.sig` file, where a policy asks for more than one approver. */
  readonly cosignatures?: readonly WaiverSignature[];
  /** Whether an approver denied or revoked it in the store; left out: nobody did. */
  readonly withdrawn?: WaiverWithdrawal;
}

/** An approver's word that ends a waiver's life. */
export interface WaiverWithdrawal {
  readonly kind: 'denied' | 'revoked';
  readonly by: string;
}

/** What was made of a waiver's `.sig`; `unsigned` when there is none. */
export type WaiverSignature = SignatureState | { readonly state: 'unsigned'; readonly detail: string };
