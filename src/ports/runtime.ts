import type { Engine } from './engine.js';
import type { ContentStore } from './content-store.js';
import type { LedgerLog } from './ledger-log.js';
import type { PointStore } from './point-store.js';
import type { AgentStore, LeaseStore, StoreCare, TaskStore } from './task-store.js';
import type { RolloutStore } from './rollout-store.js';
import type { RegistryStore } from './registry-store.js';
import type { RetryStore } from './retry-store.js';
import type { RouteStore } from './route-store.js';
import type { WaiverStore } from './waiver-store.js';

/** A live worker process, as the store knows it. */
export interface Executor {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly version: string;
  readonly startedMs: number;
}

/** The store and the engine of this home, opened. */
export interface OpenRuntime {
  readonly tasks: TaskStore;
  readonly agents: AgentStore;
  readonly leases: LeaseStore;
  readonly ledger: LedgerLog;
  readonly contents: ContentStore;
  readonly routes: RouteStore;
  readonly retries: RetryStore;
  readonly waivers: WaiverStore;
  readonly rollouts: RolloutStore;
  readonly registry: RegistryStore;
  /** Data points of tasks. */
  readonly points: PointStore;
  readonly care: StoreCare;
  readonly engine: Engine;
  /** Executors whose liveness lock is held right now. */
  executors(): Promise<readonly Executor[]>;
  /** Done once the engine has stopped and before the store is closed. */
  beforeClose(release: () => Promise<void>): void;
  /** Stops the engine, closes the store, and ends the embedded server when nobody else uses it. Safe to call twice. */
  close(): Promise<void>;
}

export type RuntimeFaultCode = 'DATABASE_MISSING' | 'DATABASE_FAILED' | 'DATABASE_UNSAFE';

/** Opens the store (the embedded server, or `DATABASE_URL`), starting the server and migrating when needed. */
export interface Runtime {
  /** `folder`: an embedded store of its own there, whatever `DATABASE_URL` says; the home's when left out. */
  open(signal: AbortSignal, folder?: string): Promise<OpenRuntime>;
  /** Whether there is a store to open already: `open` would make one. */
  exists(): Promise<boolean>;
  /** Ends the embedded server of this home, or of the folder, whoever uses it; false when none runs. */
  stopServer(folder?: string): Promise<boolean>;
}

/** Worker processes in the background. */
export interface Background {
  /** Starts one detached `arbiter up --foreground`; answers its process number. */
  start(): Promise<number>;
  /** Asks a process of this host to end, waits, then kills. */
  stop(pid: number, graceMs: number): Promise<void>;
}
