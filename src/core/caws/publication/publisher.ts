import type { SignatureState } from '../keys/signature-state.js';

/** Name in the keyring of the key that signs published commits and their record. */
export const publisher = 'arbiter-publish';

/** Where verdicts of published commits are kept, in the repository that they are about. */
export const recordRef = 'refs/caws/ledger';

/** True for a signature by the publish key. */
export function isPublisher(state: SignatureState): boolean {
  return state.state === 'valid' && state.principals.includes(publisher);
}

/** True for a valid signature by a key that no name of Arbiter's own goes with: a person's. */
export function isHuman(state: SignatureState): boolean {
  return state.state === 'valid' && !state.principals.some((name) => /^arbiter(?:-|$)/.test(name));
}
