/** What was made of a signature. Only `valid` counts; each other state says in words what is wrong. */
export type SignatureState =
  | {
      readonly state: 'valid';
      /** First plain name of the keyring's line; the pattern itself where it has none. */
      readonly signer: string;
      /** All names of that line: one key may go by several. */
      readonly principals: readonly string[];
      /** `SHA256:…`, as ssh-keygen -l prints it. */
      readonly keyId: string;
    }
  | {
      readonly state: 'foreign' | 'broken' | 'wrong-namespace' | 'expired-key' | 'revoked-key';
      readonly detail: string;
    };
