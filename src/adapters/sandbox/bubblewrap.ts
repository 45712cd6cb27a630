import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Fault, isFault } from '../../core/fault.js';
import type {
  Sandbox,
  SandboxedCommand,
  SandboxedRun,
  SandboxEnd,
  SandboxFaultCode,
  SandboxProbe,
} from '../../ports/sandbox.js';
import { bubblewrapArgv, bubblewrapFeeds, statusFile } from './bubblewrap-argv.js';
import { findProgram, linkTarget } from './host-tools.js';
import { type Leaving, startLive } from './live-run.js';
import { processNumbers, type ProcessRow, readProcess, readProcessTable, treeOf } from './process-table.js';
import { type Launch, watchRun } from './watch-run.js';

const install = 'install it (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap)';
const userNamespaces =
  'allow user namespaces (sysctl -w user.max_user_namespaces=10000; on Debian also kernel.unprivileged_userns_clone=1; ' +
  'on Ubuntu 24.04 also kernel.apparmor_restrict_unprivileged_userns=0; in a container run it with --security-opt ' +
  'seccomp=unconfined), or write `sandbox: none` into .caws/arbiter.yaml, which every verdict then records';

/**
 * Bubblewrap: namespaces of its own for files, processes, network, IPC and users, no capability, nothing of the host
 * but read-only system folders and the mounts given.
 * @see docs/gates.md
 */
export function createBubblewrapSandbox(options: { program?: string } = {}): Sandbox {
  let probed: Promise<SandboxProbe> | null = null;
  const sandbox: Sandbox = {
    guarantees: { hidesFiles: true, closesNetwork: true, keepsReadOnly: true, endsEscapees: true },
    probe: () => (probed ??= probeBubblewrap(options.program, runOnce)),
    async run(command, signal) {
      const { available, detail, version } = await sandbox.probe();
      if (!available) throw unavailable(detail);
      return runOnce(programOf(options.program), command, version, signal);
    },
    async start(command, signal) {
      const { available, detail, version } = await sandbox.probe();
      if (!available) throw unavailable(detail);
      const { launch, exitCode } = openBox(programOf(options.program), command, version);
      const exitOf = ({ ended, stderr }: Leaving): number | null => exitInside(exitCode(), ended, stderr);
      return startLive(launch, command.limits, signal, exitOf).catch((cause: unknown) => {
        throw setUpFailed(cause instanceof Error ? cause.message : String(cause), cause);
      });
    },
  };
  return sandbox;
}

/** The first process of the namespace is bubblewrap itself. */
const namespaceKeepers = 1;

type RunOnce = (
  program: string,
  command: SandboxedCommand,
  version: string,
  signal?: AbortSignal,
) => Promise<SandboxedRun>;

async function probeBubblewrap(wanted: string | undefined, run: RunOnce): Promise<SandboxProbe> {
  const missing = (detail: string, version = ''): SandboxProbe => ({
    available: false,
    name: 'bubblewrap',
    version,
    detail,
  });
  const program = wanted === undefined ? findProgram('bwrap') : findProgram(wanted);
  if (program === null) return missing(`bubblewrap is not installed: ${install}`);
  let version = '';
  try {
    version =
      (await promisify(execFile)(program, ['--version'], { timeout: 5000 })).stdout.trim().split(' ').pop() ?? '';
    const tried = await run(program, trialCommand, version);
    if (tried.exit === 0 && Buffer.from(tried.stdout).toString().trim() === '1000') {
      return { available: true, name: 'bubblewrap', version, detail: '' };
    }
    return missing(`bubblewrap started a trial that gave exit ${tried.exit} (${tried.ended})`, version);
  } catch (error) {
    if (!isFault(error) && !(error instanceof Error)) throw error;
    return missing(`bubblewrap ${version} cannot start a process: ${error.message}; ${userNamespaces}`, version);
  }
}

const trialCommand: SandboxedCommand = {
  argv: ['/bin/sh', '-c', 'id -u'],
  cwd: '/',
  env: {},
  readOnly: [],
  writable: [],
  scratch: [],
  limits: {
    timeoutMs: 10_000,
    memoryMb: 256,
    maxProcesses: 16,
    maxOutputBytes: 65_536,
    maxFileBytes: 1_048_576,
    maxWrittenBytes: 1_048_576,
  },
};

async function runOnce(
  program: string,
  command: SandboxedCommand,
  version: string,
  signal?: AbortSignal,
): Promise<SandboxedRun> {
  const box = openBox(program, command, version);
  const { ended, stdout, stderr, durationMs } = await watchRun(box.launch, command.limits, signal);
  const exit = exitInside(box.exitCode(), ended, Buffer.from(stderr).toString('utf8'));
  return { exit: ended === 'exited' ? exit : null, ended, stdout, stderr, durationMs };
}

/** Bubblewrap tells the exit status of a command that it could start, and none when it could not. */
function exitInside(exit: number | null, ended: SandboxEnd, stderr: string): number | null {
  if (ended !== 'exited' || exit !== null) return exit;
  throw setUpFailed(stderr);
}

function setUpFailed(said: string, cause?: unknown): Fault<SandboxFaultCode> {
  const message = `bubblewrap could not set up the sandbox: ${said.trim().slice(0, 500)}`;
  return new Fault('SANDBOX_FAILED', message, { mend: userNamespaces, cause });
}

function openBox(program: string, command: SandboxedCommand, version: string): Box {
  return boxOf(program, bubblewrapArgv(command, { disableUserns: atLeast(version, 0, 8) }));
}

interface Box {
  readonly launch: Launch;
  /** Exit status of the command inside; null while it runs, and when it never ran. */
  readonly exitCode: () => number | null;
}

/** One bubblewrap process with the first process of its namespace, whose death is the death of all inside. */
function boxOf(program: string, args: readonly string[]): Box {
  let outer: ChildProcess | null = null;
  let first: ProcessRow | null = null;
  let killWanted = false;
  let exit: number | null = null;
  let statusEnded: Promise<unknown> = Promise.resolve();
  const kill = (): void => {
    killWanted = true;
    if (first === null) return;
    killQuietly(first.pid);
    outer?.kill('SIGKILL');
  };
  const onStatus = (line: string): void => {
    const status: unknown = JSON.parse(line);
    const pid = numberIn(status, 'child-pid');
    exit = numberIn(status, 'exit-code') ?? exit;
    if (pid !== null) first = readProcess(pid);
    if (pid !== null && killWanted) kill();
  };
  const launch: Launch = {
    file: program,
    args,
    env: {},
    cwd: '/',
    detached: false,
    feeds: bubblewrapFeeds,
    onStarted(child) {
      outer = child;
      let text = '';
      const status = child.stdio[statusFile];
      if (status !== null && status !== undefined) statusEnded = once(status, 'close');
      status?.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) if (line.trim() !== '') onStatus(line);
      });
    },
    isCrowded(maxProcesses) {
      const root = namespaceRoot(first);
      return root !== null && processNumbers(root).length > maxProcesses + namespaceKeepers;
    },
    // What the run's own namespace lists costs as much as it has processes; the host's table as much as the host has.
    company() {
      const root = namespaceRoot(first);
      if (root !== null) return readProcessTable(root);
      return outer?.pid === undefined ? [] : treeOf(outer.pid, readProcessTable()).slice(1);
    },
    kill,
    async buried() {
      await statusEnded;
      // Bubblewrap may end before the kernel has swept its namespace: the first process is a zombie or gone only then.
      while (first !== null && isAlive(first)) {
        killQuietly(first.pid);
        await sleep(2);
      }
    },
  };
  return { launch, exitCode: () => exit };
}

/**
 * The top of the folders as the first process of a namespace sees them, once its /proc is its own: while the sandbox is
 * being set up it is the host's, in which `self` is us. Null before that, and where it is closed to us.
 */
function namespaceRoot(first: ProcessRow | null): string | null {
  if (first === null) return null;
  const root = `/proc/${first.pid}/root`;
  return linkTarget(`${root}/proc/self`) === null && processNumbers(root).length > 0 ? root : null;
}

function isAlive(process: ProcessRow): boolean {
  const now = readProcess(process.pid);
  return now !== null && now.startTicks === process.startTicks && !now.dead;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

function numberIn(value: unknown, key: string): number | null {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === 'number' ? found : null;
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

function programOf(wanted: string | undefined): string {
  const program = findProgram(wanted ?? 'bwrap');
  if (program === null) throw unavailable(`bubblewrap is not installed: ${install}`);
  return program;
}

function unavailable(detail: string): Fault<SandboxFaultCode> {
  return new Fault('SANDBOX_UNAVAILABLE', detail, { mend: `${install}, or ${userNamespaces}` });
}
