export type SandboxFaultCode = 'SANDBOX_UNAVAILABLE' | 'SANDBOX_FAILED';

export interface SandboxProbe {
  readonly available: boolean;
  readonly name: 'bubblewrap' | 'none';
  readonly version: string;
  /** What is missing and how to get it; empty when available. */
  readonly detail: string;
}

export interface SandboxedCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly readOnly: readonly { readonly from: string; readonly to: string }[];
  readonly writable: readonly { readonly from: string; readonly to: string }[];
  /** `none` unless dependencies are being prepared. */
  readonly network: 'none' | 'host';
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly maxProcesses: number;
  readonly maxOutputBytes: number;
}

export interface SandboxedRun {
  readonly exit: number | null;
  readonly signal: string | null;
  readonly ended: 'exited' | 'timeout' | 'output-limit' | 'memory-limit' | 'aborted';
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly durationMs: number;
}

/** Runs one command, and when `run` settles every process of it is dead (constitution §4 rule 2). */
export interface Sandbox {
  probe(): Promise<SandboxProbe>;
  /** @throws SANDBOX_UNAVAILABLE, SANDBOX_FAILED */
  run(command: SandboxedCommand, signal?: AbortSignal): Promise<SandboxedRun>;
}
