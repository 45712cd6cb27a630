import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../core/fault.js';
import type { LiveRun, Sandbox, SandboxedCommand, SandboxFaultCode } from '../../ports/sandbox.js';
import { defaultPath } from './bubblewrap-argv.js';
import {
  environmentOf,
  isGroupCrowded,
  type ProcessRow,
  processNumbers,
  readProcess,
  readProcessTable,
  treeOf,
} from './process-table.js';
import { makeTempFolder, removeTempFolder } from './temp-folder.js';
import { startLive } from './live-run.js';
import { type Launch, watchRun } from './watch-run.js';

/** Carried by every process of a bare run: the Arbiter process that started it, and the run. */
export const runMarker = 'ARBITER_RUN';
const markedEvery = 5;

/**
 * `sandbox: none`: a plain child in its own process group, with limits but without walls: it sees the host's files and
 * network. Used only where the configuration of the base says so, and then recorded in the verdict.
 */
export function createBareSandbox(): Sandbox {
  return {
    guarantees: { hidesFiles: false, closesNetwork: false, keepsReadOnly: false, endsEscapees: false },
    async probe() {
      return { available: true, name: 'none', version: '', detail: '' };
    },
    async run(command, signal) {
      return inPrivateFolder(command, async (launch) => {
        const run = await watchRun(launch, command.limits, signal).catch(refuseToStart);
        const { ended, stdout, stderr, durationMs } = run;
        return { exit: ended === 'exited' ? exitOf(run) : null, ended, stdout, stderr, durationMs };
      });
    },
    start(command, signal) {
      return new Promise((resolve, reject) => {
        const whole: Promise<void> = inPrivateFolder(command, async (launch) => {
          const live = await startLive(launch, command.limits, signal, exitOf).catch(refuseToStart);
          const ended = endedAfter(live, whole);
          // Who asks hears of a failure; who does not ask must not die of it.
          ended.catch(() => undefined);
          resolve({ ...live, ended });
          await live.ended;
        });
        whole.catch(reject);
      });
    },
  };
}

/** Ends when the folder of the run is gone, too. */
async function endedAfter(live: LiveRun, whole: Promise<void>): Promise<Awaited<LiveRun['ended']>> {
  try {
    return await live.ended;
  } finally {
    await whole;
  }
}

/** Works with a launch whose HOME and TMPDIR are in a folder of its own, which is gone afterwards. */
async function inPrivateFolder<T>(command: SandboxedCommand, work: (launch: Launch) => Promise<T>): Promise<T> {
  refuseRenamedMounts(command);
  const privateFolder = await makeTempFolder();
  try {
    const home = join(privateFolder, 'home');
    for (const folder of [home, ...command.scratch]) await mkdir(folder, { recursive: true });
    return await work(launchOf(command, { HOME: home, TMPDIR: privateFolder }));
  } finally {
    await removeTempFolder(privateFolder);
  }
}

/** Exit status as a shell gives it. */
function exitOf(left: { readonly code: number | null; readonly signal: NodeJS.Signals | null }): number | null {
  return left.signal === null ? left.code : 128 + constants.signals[left.signal];
}

// `ulimit -f` counts blocks of 512 bytes (POSIX).
const prologue = 'ulimit -c 0 && ulimit -f "$1" && umask 022 && shift && exec "$@"';

function launchOf(command: SandboxedCommand, folders: { HOME: string; TMPDIR: string }): Launch {
  const token = `${process.pid}.${readProcess(process.pid)?.startTicks ?? 0}.${randomBytes(12).toString('hex')}`;
  const known = new Map<number, ProcessRow>();
  let leader = -1;
  let looks = 0;
  const before = processNumbers().length;
  const look = (marked: boolean): readonly ProcessRow[] => {
    const rows = readProcessTable();
    const roots = [...known.keys(), ...(marked ? markedWith(token) : [])];
    for (const root of roots) for (const row of treeOf(root, rows)) known.set(row.pid, known.get(row.pid) ?? row);
    for (const row of known.values()) if (!rows.some((now) => isSame(now, row))) known.delete(row.pid);
    return [...known.values()];
  };
  const kill = (): void => {
    if (leader > 1) killQuietly(-leader);
    for (const row of look(true)) killQuietly(row.pid);
  };
  return {
    file: '/bin/sh',
    args: ['-c', prologue, 'sh', String(Math.floor(command.limits.maxFileBytes / 512)), ...command.argv],
    env: { PATH: defaultPath(), ...folders, ...command.env, [runMarker]: token },
    cwd: command.cwd,
    detached: true,
    feeds: [],
    onStarted(child) {
      leader = child.pid ?? -1;
      const row = readProcess(leader);
      if (row !== null) known.set(leader, row);
    },
    isCrowded: (maxProcesses) =>
      processNumbers().length > before + maxProcesses && isGroupCrowded(leader, maxProcesses),
    // The dearer look by the marker, now and then: processes that lost their parents belong to the company too.
    company: () => look((looks += 1) % markedEvery === 0),
    kill,
    async buried() {
      // Twice empty in a row: a process that forked while the table was read is seen by the second look.
      for (let empty = 0; empty < 2;) {
        kill();
        empty = look(true).length === 0 ? empty + 1 : 0;
        await sleep(5);
      }
    },
  };
}

/** Numbers of the live processes that carry the marker value, or any marker when `token` is null. */
export function markedWith(token: string | null): readonly number[] {
  const needle = token === null ? `${runMarker}=` : `${runMarker}=${token}`;
  return processNumbers().filter((pid) => pid !== process.pid && (environmentOf(pid) ?? '').includes(needle));
}

function isSame(a: ProcessRow, b: ProcessRow): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks;
}

function refuseToStart(cause: unknown): never {
  const said = cause instanceof Error ? cause.message : String(cause);
  throw new Fault<SandboxFaultCode>('SANDBOX_FAILED', `the command could not be started: ${said}`, {
    mend: 'see whether the folder that the gate runs in is there',
    cause,
  });
}

function refuseRenamedMounts(command: SandboxedCommand): void {
  const renamed = [...command.readOnly, ...command.writable].find((mount) => mount.from !== mount.to);
  if (renamed === undefined) return;
  throw new Fault<SandboxFaultCode>(
    'SANDBOX_FAILED',
    `a run without a sandbox cannot show ${renamed.from} under another name (${renamed.to})`,
    { mend: 'give mounts their own names where the sandbox does not hide files' },
  );
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
