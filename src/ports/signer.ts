export type SignerFaultCode =
  | 'KEY_MISSING'
  | 'KEY_UNREADABLE'
  | 'KEY_INSIDE_REPOSITORY'
  | 'KEY_EXPOSED'
  | 'KEY_WITHIN_SANDBOX'
  | 'KEY_EXISTS'
  | 'SIGNATURE_INVALID';

/** One key in one role. */
export interface Signer {
  /** `SHA256:…`, as ssh-keygen -l prints it. */
  readonly keyId: string;
  /** The `ssh-ed25519 AAAA…` line of the public key. */
  readonly publicKey: string;
  /** An armored SSHSIG over the exact bytes, in the namespace given (PROTOCOL.sshsig). */
  sign(namespace: string, message: Uint8Array): Promise<string>;
}
