import { Fault } from '../../core/fault.js';

export type KeysFaultCode =
  | 'KEYRING_UNTRUSTED'
  | 'KEY_NAME_WANTED'
  | 'KEY_SHARED'
  | 'KEY_UNKNOWN'
  | 'REVOCATION_AHEAD'
  | 'ROOT_ROTATES_BY_HAND';

/** A fault of the commands about keys. */
export function keysFault(code: KeysFaultCode, message: string, mend: string, file?: string): Fault<KeysFaultCode> {
  return new Fault(code, message, { mend, ...(file === undefined ? {} : { place: { file } }) });
}
