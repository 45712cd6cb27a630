export type SandboxFaultCode = 'SANDBOX_UNAVAILABLE' | 'SANDBOX_FAILED';

export interface SandboxProbe {
  readonly available: boolean;
  readonly name: 'bubblewrap' | 'none';
  readonly version: string;
  /** What is missing and how to get it; empty when available. */
  readonly detail: string;
}

/** What a sandbox can promise; what it cannot is recorded with every verdict (`sandbox: none`). */
export interface SandboxGuarantees {
  /** Host files beyond the system and the mounts are not there, and a mount may have another name inside. */
  readonly hidesFiles: boolean;
  readonly closesNetwork: boolean;
  /** Read-only mounts cannot be written, nor a named pipe in one be replaced, removed or read. */
  readonly keepsReadOnly: boolean;
  /** Also a process that left its group, emptied its environment and lost its parent is dead when `run` settles. */
  readonly endsEscapees: boolean;
}

/** A folder or file of the host and its name inside. Where files are not hidden both must be the same. */
export interface Mount {
  readonly from: string;
  readonly to: string;
}

export interface SandboxLimits {
  /** Wall time. */
  readonly timeoutMs: number;
  /** Private memory of all processes together, and once more for the memory-backed folders. */
  readonly memoryMb: number;
  readonly maxProcesses: number;
  /** Standard output and error together; beyond it everything is killed. */
  readonly maxOutputBytes: number;
  /** One file (RLIMIT_FSIZE). */
  readonly maxFileBytes: number;
  /** Bytes sent to disk by all processes together. */
  readonly maxWrittenBytes: number;
}

export interface SandboxedCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment, but for HOME, TMPDIR and a default PATH, which the sandbox provides. */
  readonly env: Readonly<Record<string, string>>;
  readonly readOnly: readonly Mount[];
  readonly writable: readonly Mount[];
  /** Empty private folders, gone afterwards. Must exist inside a mount or be absent from it. */
  readonly scratch: readonly string[];
  readonly limits: SandboxLimits;
}

export type SandboxEnd =
  | 'exited'
  | 'timeout'
  | 'output-limit'
  | 'memory-limit'
  | 'process-limit'
  | 'disk-limit'
  | 'aborted';

export interface SandboxedRun {
  /** Exit status as a shell gives it (128 + signal for a killed command); null when the run was cut short. */
  readonly exit: number | null;
  readonly ended: SandboxEnd;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly durationMs: number;
}

/** A program that lives for a while: what it says comes while it runs. Its processes are dead when `ended` settles. */
export interface LiveRun {
  /** Waits while the program does not read. A program that has ended swallows what is written. */
  write(bytes: Uint8Array): Promise<void>;
  endInput(): void;
  /** Standard output in chunks, until it ends; a program that is not listened to is kept waiting. For one reader. */
  readonly stdout: AsyncIterable<Uint8Array>;
  /** The last 64 KiB of standard error. */
  stderr(): string;
  /** Kills all of it, now. */
  kill(): void;
  /** Rejects with SANDBOX_FAILED when the sandbox could not be set up. */
  readonly ended: Promise<{ readonly exit: number | null; readonly ended: SandboxEnd; readonly durationMs: number }>;
}

/** Runs commands without a network, and when `run` settles its processes are dead (constitution §4 rule 2). */
export interface Sandbox {
  readonly guarantees: SandboxGuarantees;
  /** Really starts something. */
  probe(): Promise<SandboxProbe>;
  /** @throws SANDBOX_UNAVAILABLE, SANDBOX_FAILED */
  run(command: SandboxedCommand, signal?: AbortSignal): Promise<SandboxedRun>;
  /**
   * Starts a program that is talked to; `maxOutputBytes` counts what of its output was read.
   * @throws SANDBOX_UNAVAILABLE, SANDBOX_FAILED
   */
  start(command: SandboxedCommand, signal?: AbortSignal): Promise<LiveRun>;
}
