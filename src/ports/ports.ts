import type { Background, Runtime } from './runtime.js';
import type { LeaseStore } from './task-store.js';
import type { Workers } from './worker.js';
import type { Clock } from './clock.js';
import type { Documents } from './documents.js';
import type { Files } from './files.js';
import type { GateRunner } from './gate-runner.js';
import type { Git, PooledGit } from './git.js';
import type { Keyring } from './keyring.js';
import type { NoteKeys } from './note-keys.js';
import type { Places } from './places.js';
import type { WriteParquet } from './parquet.js';
import type { OpenPublishedLog } from './published-log.js';
import type { Redactor } from './redactor.js';
import type { Sandbox } from './sandbox.js';
import type { Scratch } from './scratch.js';
import type { SshKeygen } from './ssh-keygen.js';
import type { Syntax } from './syntax.js';
import type { TreeHash } from './tree-hash.js';

/** Everything of the world that a use case may touch. Only the wiring beside main.ts knows what stands behind it. */
export interface Ports {
  readonly background: Background;
  readonly clock: Clock;
  readonly documents: Documents;
  readonly files: Files;
  readonly gateRunner: GateRunner;
  readonly git: Git;
  /** A pool of sessions, to be closed by who asked for it. */
  readonly poolGit: () => PooledGit;
  readonly keyring: Keyring;
  readonly noteKeys: NoteKeys;
  readonly openPublishedLog: OpenPublishedLog;
  readonly places: Places;
  readonly redactor: Redactor;
  /** The store and the engine of this home; opened by the operations that need them. */
  readonly runtime: Runtime;
  readonly sandboxes: { readonly bubblewrap: Sandbox; readonly none: Sandbox };
  readonly scratch: Scratch;
  readonly sshKeygen: SshKeygen;
  readonly syntax: Syntax;
  /** The fastest hashes of the ledger's tree that there are. */
  readonly treeHash: TreeHash;
  readonly writeParquet: WriteParquet;
  /** Workers, which record what a crash would leave behind in the leases. */
  readonly workers: (leases: LeaseStore) => Workers;
  /** How Arbiter itself is started, by absolute paths: what a git hook has to call. */
  readonly program: { readonly node: string; readonly main: string };
  /** Versions of what judges, as verdicts record them. */
  readonly engine: { readonly arbiter: string; readonly node: string };
}
