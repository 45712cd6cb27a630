import type { AllowedSigners } from '../core/caws/keys/allowed-signers.js';
import type { KeyCustody } from '../core/caws/keys/judge-trust.js';
import type { SignatureState } from '../core/caws/keys/signature-state.js';
import type { CheckEd25519 } from '../core/ledger/checkpoint.js';
import type { Signer } from './signer.js';

export type KeyringFaultCode = 'PINNED_ROOT_UNREADABLE' | 'PINNED_ROOT_DIFFERS';

export interface SignatureCheck {
  readonly message: Uint8Array;
  /** One armored SSHSIG, as the whole text of a `.sig` file. */
  readonly signature: string;
  readonly namespace: string;
  readonly allowedSigners: AllowedSigners;
  readonly nowMs: number;
  /** Only keys of this name count, when given. */
  readonly principal?: string;
  /** Where in the log the message is proven to stand, for keys that are revoked; left out or null: nobody knows. */
  readonly ledgerIndex?: number | null;
}

/** A key's files as they lie there, good or bad. */
export interface KeyInspection {
  /** What the private file and its `.pub` hold: two only when they differ, none when neither can be read. */
  readonly publicKeys: readonly { readonly keyId: string; readonly publicKey: string }[];
  /** Owner and permission bits of the private file; null where there is none. */
  readonly uid: number | null;
  readonly mode: number | null;
  /** Why the private file may not be used, or null. */
  readonly problem: string | null;
}

/** The root key that a repository's keyring must be signed by, remembered outside of the repository. */
export interface PinnedRoot {
  readonly keyId: string;
  /** `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
}

/** Keys on disk and what they proved. Private keys stay outside of the repository and are never overwritten. */
export interface Keyring {
  /**
   * Loads an unencrypted Ed25519 key in OpenSSH's format. `repositoryRoot`: null where there is none.
   * @throws KEY_MISSING, KEY_UNREADABLE, KEY_EXPOSED, KEY_INSIDE_REPOSITORY, KEY_WITHIN_SANDBOX
   */
  loadSigner(
    path: string,
    repositoryRoot: string | null,
  ): Promise<{ readonly signer: Signer; readonly custody: KeyCustody }>;
  /**
   * Makes a key (mode 0600) and its `.pub` beside it. @throws KEY_EXISTS, KEY_INSIDE_REPOSITORY, KEY_WITHIN_SANDBOX
   */
  createKey(path: string, comment: string, repositoryRoot: string | null): Promise<Signer>;
  /** Looks at the files of a key without using it, and never throws for what is wrong with them. */
  inspectKey(path: string, repositoryRoot: string | null): Promise<KeyInspection>;
  /**
   * Ends a rotation: the key at `path` is kept at `retired`, and the one at `next` takes its place in one step, each with
   * its `.pub`. Doing it again after a stop half-way finishes it. @throws KEY_MISSING, KEY_EXISTS
   */
  replaceKey(path: string, places: { readonly next: string; readonly retired: string }): Promise<void>;
  verify(check: SignatureCheck): SignatureState;
  /** Whether a raw Ed25519 signature is good. Total: a key or a signature that is none is false. */
  readonly checkEd25519: CheckEd25519;
  /** The armored signatures of a `.sig` file, one after the other; never empty. */
  splitSignatures(text: string): readonly string[];
  /** Null where none was pinned. @throws PINNED_ROOT_UNREADABLE */
  readPinnedRoot(repositoryId: string): Promise<PinnedRoot | null>;
  /** Pinning the same root again changes nothing. @throws PINNED_ROOT_DIFFERS, PINNED_ROOT_UNREADABLE */
  pinRoot(repositoryId: string, root: PinnedRoot): Promise<void>;
}
