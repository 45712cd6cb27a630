import { encodeUtf8 } from '../../digest.js';
import { type Finding, type Rule, findingOf } from '../finding.js';
import type { SignatureState } from '../keys/signature-state.js';
import { tierThresholds } from '../policy.js';
import type { RiskTier } from '../working-spec.js';
import { isBarred } from './identity.js';

/** Namespace of a manual review's signature. */
export const reviewNamespace = 'caws-review';

/** What was made of the file given by `--review`; `missing` when none was given. */
export type ReviewSignature = SignatureState | { readonly state: 'missing' };

/**
 * The exact bytes that a reviewer signs: one tree on one base under one spec, and nothing else.
 * @see constitution §4, Manual review
 */
export function reviewMessage(tree: string, base: string, specSha256: string): Uint8Array {
  return encodeUtf8(`caws-review v1\ntree ${tree}\nbase ${base}\nspec ${specSha256}\n`);
}

const rule: Rule = {
  id: 'review.manual',
  clause: 'CAWS tier 1: manual review; constitution §4',
  severity: 'waivable',
  why: 'at tier 1 no machine’s judgement stands alone',
  mend: 'let a reviewer who did not make the change sign its review message (ssh-keygen -Y sign -n caws-review) and pass --review FILE.sig',
};

/**
 * A finding where the tier asks for a manual review and none counts: none was given, its signature does not hold, or
 * the reviewer is one of those who made the change. Other tiers need none.
 */
export function examineReview(review: {
  readonly riskTier: RiskTier;
  readonly signature: ReviewSignature;
  /** Names, addresses or key ids of everyone who made or asked for the change. */
  readonly workers: readonly string[];
}): Finding[] {
  if (!tierThresholds[review.riskTier].manualReview) return [];
  const fault = faultOf(review.signature, review.workers);
  return fault === null ? [] : [findingOf(rule, fault)];
}

function faultOf(signature: ReviewSignature, workers: readonly string[]): string | null {
  if (signature.state === 'missing') return 'tier 1 asks for a manual review, and none was given';
  if (signature.state !== 'valid') return `the manual review does not count: ${signature.detail}`;
  return isBarred(signature, workers) ? `${signature.signer} made the change and may not review it` : null;
}
