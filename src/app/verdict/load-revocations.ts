import { type Revocations, revocationsSchema } from '../../core/caws/keys/revocations.js';
import { isFault } from '../../core/fault.js';
import type { Documents } from '../../ports/documents.js';

/** Which keys a repository's root has revoked; the root's signature stands beside it as `.sig`. */
export const revokedPath = '.caws/keys/revoked.yaml';

/** Nothing is revoked. */
export const noRevocations: Revocations = { version: 1, revoked: [] };

/** Reads the bytes of a `revoked.yaml`, or says in words why they are none. */
export function readRevocations(bytes: Uint8Array, documents: Documents): Revocations | string {
  try {
    const parsed = revocationsSchema.safeParse(documents.read(bytes, revokedPath).value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    return `${revokedPath} is not valid: ${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'invalid'}`;
  } catch (error) {
    if (!isFault(error, 'YAML_INVALID') && !isFault(error, 'YAML_REFUSED')) throw error;
    return `${revokedPath} is not strict YAML: ${error.message}`;
  }
}
