/** A git repository of our own, in a temporary folder, for the demo and for canaries. */
export interface ScratchRepository {
  readonly directory: string;
  /** Writes the files (null deletes), commits all of it and answers the commit id. */
  commit(message: string, files: Readonly<Record<string, string | null>>): Promise<string>;
  /** Starts a branch of that name at a commit and checks it out. */
  branch(name: string, commit: string): Promise<void>;
  remove(): Promise<void>;
}

export type ScratchFaultCode = 'SCRATCH_FAILED';

/** @throws SCRATCH_FAILED with what git said, GIT_MISSING */
export interface Scratch {
  /** A folder of ours beside nothing else, removed by the answer's `remove`. */
  createFolder(name: string): Promise<{ readonly directory: string; remove(): Promise<void> }>;
  createRepository(name: string): Promise<ScratchRepository>;
}
