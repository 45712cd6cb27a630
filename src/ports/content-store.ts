export type ContentFaultCode = 'CONTENT_UNKNOWN' | 'CONTENT_ERASED' | 'CONTENT_IN_USE' | 'ERASURE_INVALID';

/** A stored content by both its names: the digest that tasks know it by, and the commitment that the log holds. */
export interface ContentName {
  readonly sha256: string;
  readonly commitment: string;
}

/** A content as it is stored, with the salt of its commitment. */
export interface StoredContent extends ContentName {
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
}

/** A content that is gone. */
export interface Erasure extends ContentName {
  readonly atMs: number;
}

/** A task whose story names a content, by itself or through a content that names it. */
export interface ContentHolder {
  readonly taskId: string;
  readonly ended: boolean;
  /** Top of its repository's work tree. */
  readonly repository: string;
}

/**
 * The contents of tasks from the side of the log: what its commitments stand for, and their erasure.
 * @throws STORE_UNAVAILABLE, STORE_FAILED
 */
export interface ContentStore {
  /** By digest or by commitment; null where the store holds no such content. */
  find(hash: string): Promise<ContentName | null>;
  /** What the store holds under a commitment; nothing of it is checked. */
  read(commitment: string): Promise<StoredContent | null>;
  /** Erasures of a digest or a commitment, oldest first. Bytes that were erased and stored again are two contents. */
  erasures(hash: string): Promise<readonly Erasure[]>;
  /** Looks through all contents: not for every day. */
  holders(sha256: string): Promise<readonly ContentHolder[]>;
  /** Contents that no task's story names, by itself or through a content that it names; at most so many. */
  orphans(limit: number): Promise<readonly ContentName[]>;
  /**
   * Erases content and salt; false when they were gone. The database refuses unless the ledger has the erasure's entry.
   * @throws STORE_FAILED
   */
  erase(commitment: string, atMs: number): Promise<boolean>;
  /** Erases what a task's agents and gates said as they worked; answers how many lines. Refused like `erase`. */
  eraseLog(taskId: string): Promise<number>;
}
