/** The system's own ssh-keygen: a second opinion on our signatures, by a program that we did not write. */
export interface SshKeygen {
  /** `refused` whenever it says anything but good. */
  verify(check: {
    readonly allowedSigners: Uint8Array;
    readonly principal: string;
    readonly namespace: string;
    readonly message: Uint8Array;
    readonly signaturePath: string;
  }): Promise<'verified' | 'refused' | 'ssh-keygen missing'>;
}
