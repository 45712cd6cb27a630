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
  /** The raw 32 bytes of the public key. */
  readonly publicKeyRaw: Uint8Array;
  /** An armored SSHSIG over the exact bytes, in the namespace given (PROTOCOL.sshsig). */
  sign(namespace: string, message: Uint8Array): Promise<string>;
  /**
   * A raw Ed25519 signature, 64 bytes, over the message itself: for DSSE envelopes and signed notes, whose bytes begin
   * with a word of their own. Never over bytes that an SSHSIG could be confused with: a message that begins as the signed
   * data of one is refused, else a signature asked for here would be an SSHSIG in whatever namespace was asked for.
   * @throws SIGNATURE_INVALID
   */
  signRaw(message: Uint8Array): Promise<Uint8Array>;
}
