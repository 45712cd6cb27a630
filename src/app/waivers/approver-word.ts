import { normalIdentity } from '../../core/caws/verdict/identity.js';
import { Fault } from '../../core/fault.js';
import type { Constitution } from '../adjudicate/admit.js';
import { waiverNamespace } from './take-signature.js';
import type { WaiverFaultCode } from './waiver-law.js';

/**
 * Who said a word, when it is an approver of the base's configuration and keyring: any of them, whoever asked.
 * @param about what it is about and what to do, for the refusal
 * @throws WAIVER_REFUSED
 */
export function requireApprover(
  { checkSignature, config }: Pick<Constitution, 'checkSignature' | 'config'>,
  word: { readonly statement: Uint8Array; readonly armored: string },
  about: { readonly what: string; readonly mend: string },
): { readonly signer: string; readonly keyId: string } {
  const state = checkSignature(word.statement, word.armored, waiverNamespace);
  const refuse = (reason: string) =>
    new Fault<WaiverFaultCode>('WAIVER_REFUSED', `the word on ${about.what} is refused: ${reason}`, {
      mend: about.mend,
    });
  if (state.state !== 'valid') throw refuse(`${state.state}: ${state.detail}`);
  const names = [state.signer, ...state.principals].map(normalIdentity);
  if (!config.approvers.map(normalIdentity).some((approver) => names.includes(approver))) {
    throw refuse(`${state.signer} is not among the approvers of .caws/arbiter.yaml`);
  }
  return state;
}
