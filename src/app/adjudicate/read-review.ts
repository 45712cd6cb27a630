import { type ReviewSignature, reviewMessage, reviewNamespace } from '../../core/caws/verdict/examine-review.js';
import type { Ports } from '../../ports/ports.js';
import type { Constitution } from './admit.js';
import type { Candidate } from './candidate.js';

/** The manual review given with `--review FILE`, checked over this very tree, base and spec. @throws FILE_MISSING */
export async function readReview(
  ports: Ports,
  file: string | undefined,
  candidate: Candidate,
  constitution: Constitution,
): Promise<ReviewSignature> {
  if (file === undefined || constitution.specSha256 === null) return { state: 'missing' };
  const message = reviewMessage(candidate.tree, candidate.base.id, constitution.specSha256);
  return constitution.checkSignature(message, await ports.files.readFile(file), reviewNamespace);
}
