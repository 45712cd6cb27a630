export type WaiverStoreFaultCode = 'WAIVER_EXISTS' | 'WAIVER_UNKNOWN';

/** A waiver as it was asked for: the exact bytes of its file, which is what approvers sign. */
export interface WaiverDraft {
  readonly repositoryId: string;
  /** `WV-0001`: unique in its repository. */
  readonly id: string;
  /** Of `bytes`, in hex. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly specId: string;
  /** Null: for any task of the spec. */
  readonly taskId: string | null;
  /** Top of the work tree in which it was asked for. */
  readonly root: string;
  readonly requestedBy: string;
  readonly atMs: number;
}

/** A word of an approver: over the waiver's bytes for an approval, else over the one line that withdraws it. */
export interface WaiverEvent {
  readonly kind: 'approved' | 'denied' | 'revoked';
  readonly atMs: number;
  readonly by: string;
  readonly keyId: string;
  /** The armored SSHSIG. */
  readonly signature: string;
}

/** One use of a waiver, named by the bytes that were signed, by the verdict that leaned on it. */
export interface WaiverUse {
  readonly sha256: string;
  readonly waiverId: string;
  /** Counts from 1 up to the waiver's `max_uses`. */
  readonly number: number;
  readonly verdictId: string;
  readonly taskId: string;
  readonly atMs: number;
  /** What the verdict is about: asking again for the same is the same use. */
  readonly claim: string;
}

/** A waiver with its whole life, oldest first. */
export interface StoredWaiver extends WaiverDraft {
  readonly events: readonly WaiverEvent[];
  readonly uses: readonly WaiverUse[];
}

/** A waiver that a verdict wants to lean on. */
export interface WantedWaiver {
  readonly id: string;
  readonly sha256: string;
  readonly maxUses: number;
}

/** Why a use was not given. */
export interface RefusedUse {
  readonly sha256: string;
  readonly reason: 'used_up' | 'denied' | 'revoked';
}

/**
 * Waivers and their lives, which only grow: nothing in here is ever changed or removed. Processes that share the store
 * see one truth. @throws STORE_UNAVAILABLE, DISK_FULL, STORE_FAILED
 */
export interface WaiverStore {
  /** Storing the same waiver again changes nothing. @throws WAIVER_EXISTS when the id stands for other bytes */
  submit(draft: WaiverDraft): Promise<void>;
  /** @throws WAIVER_UNKNOWN */
  read(repositoryId: string, id: string): Promise<StoredWaiver>;
  /** Of a repository, by id; of one spec when it is named. */
  list(repositoryId: string, specId?: string): Promise<readonly StoredWaiver[]>;
  /**
   * Adds to a waiver's life. False when nothing was added: this key has approved it before, or it was withdrawn before.
   * @throws WAIVER_UNKNOWN
   */
  tell(repositoryId: string, id: string, event: WaiverEvent): Promise<boolean>;
  /** Every use in a repository, also of waivers that stand at a base commit only; by waiver and number. */
  uses(repositoryId: string): Promise<readonly WaiverUse[]>;
  /**
   * Takes one use of each waiver, or of none when any is refused, in one transaction. A claim that holds a use keeps it
   * under the verdict id that it was first given: that id is answered, and the caller's verdict must bear it.
   */
  consume(
    repositoryId: string,
    wanted: readonly WantedWaiver[],
    user: Pick<WaiverUse, 'claim' | 'verdictId' | 'taskId' | 'atMs'>,
  ): Promise<{ readonly verdictId: string; readonly refused: readonly RefusedUse[] }>;
}
