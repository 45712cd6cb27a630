import type { WorkFault } from '../../../core/tasks/work-fault.js';
import type { LiveRun, SandboxEnd } from '../../../ports/sandbox.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';
import type { Meter } from '../spend/meter.js';

import type { CallCounts } from './endpoint-trouble.js';

export type { LiveRun };

export interface RoomCommand {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the clone; its top when left out. */
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
}

/**
 * A private single-commit clone with a sandbox around it (design workers.md, Isolation). Paths are relative to the clone.
 * Whatever is started in it is dead, and everything of it removed, when `close` settles.
 */
export interface Room {
  /** The clone and the private HOME, as absolute paths by the names that they have inside. */
  readonly folder: string;
  readonly home: string;
  /** What the agent is told as the endpoint's base URL: a relay on the sandbox's own loopback. Null without an endpoint. */
  readonly baseUrl: string | null;
  /** Stands for the real key, and is good for this room alone. */
  readonly token: string;
  readonly meter: Meter;
  /** Writes a file of the private HOME before the agent starts. */
  writeHome(path: string, text: string): Promise<void>;
  /** Starts a long-lived program, with the relay beside it. */
  start(command: RoomCommand): Promise<LiveRun>;
  /** Runs a program to its end, inside; output is capped. */
  run(
    command: RoomCommand,
  ): Promise<{ readonly exit: number | null; readonly ended: SandboxEnd; readonly output: string }>;
  /** Why the path may not be written (outside the scope, protected, not in the clone), or null. */
  refuses(path: string): string | null;
  /** Carried out inside the sandbox: a link leads nowhere outside. Null when there is no such file. */
  readFile(path: string): Promise<Uint8Array | null>;
  /** Carried out inside the sandbox. @throws AGENT_FAILED when `refuses` says why not */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /**
   * The patch of the clone's files against the base, measured by git with a GIT_DIR of ours. Empty when nothing changed.
   * @throws CLONE_LOST, WORK_UNMEASURABLE
   */
  seal(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A room as it was opened, with what it knows of why a run came to nothing. */
export interface OpenRoom extends Room {
  /**
   * The fault to tell when the agent came to nothing: the bound that was reached, else what kept the endpoint from
   * answering since its last good answer. Null when the room knows of nothing.
   */
  whyStopped(): WorkFault<WorkerFaultCode> | null;
  /** What the model calls of this room came to. */
  calls(): CallCounts | null;
}
