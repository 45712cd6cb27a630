import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type BoundKind, type Bounds, type Spend, nothingSpent } from '../../src/core/tasks/spend.js';
import { WorkFault } from '../../src/core/tasks/work-fault.js';
import type { WorkerFaultCode } from '../../src/ports/worker.js';
import type { AgentRoom, EnterRoom, Visit } from '../../src/adapters/workers/agent-room.js';
import type { LiveRun, RoomCommand } from '../../src/adapters/workers/room/room.js';

const run = promisify(execFile);

/** What a fake room can be told to do, and what it saw. */
export interface FakeHouse {
  readonly enterRoom: EnterRoom;
  readonly visits: Visit[];
  readonly rooms: FakeRoom[];
  /** What the endpoint is said to have done; told by `whyStopped`. */
  trouble: WorkFault<WorkerFaultCode> | null;
  baseUrl: string | null;
}

export interface FakeRoom extends AgentRoom {
  readonly isClosed: () => boolean;
  /** Spends by hand; the meter looks at the bounds at once. */
  spend(more: Partial<Spend>): void;
}

const token = 'arb-fake-token-0123456789';

/** Rooms that are plain folders: no sandbox, no relay; for tests of the workers alone. */
export function openFakeHouse(files: Readonly<Record<string, string>> = { 'a.txt': 'original\n' }): FakeHouse {
  const house: FakeHouse = { enterRoom, visits: [], rooms: [], trouble: null, baseUrl: null };
  async function enterRoom(visit: Visit): Promise<AgentRoom> {
    const room = await openFakeRoom(house, visit, files);
    house.visits.push(visit);
    house.rooms.push(room);
    return room;
  }
  return house;
}

async function openFakeRoom(
  house: FakeHouse,
  { assignment, mode, signal }: Visit,
  files: Readonly<Record<string, string>>,
): Promise<FakeRoom> {
  const top = await mkdtemp(join(tmpdir(), 'arbiter-fake-room-'));
  const [folder, home] = [join(top, 'work'), join(top, 'home')];
  await mkdir(home, { recursive: true });
  for (const [path, text] of Object.entries(files)) await write(join(folder, path), text);
  const git = async (...argv: string[]): Promise<string> =>
    (await run('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...argv])).stdout;
  await git('init', '-q');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'base');
  const live = new Set<ChildProcess>();
  const meter = openFakeMeter(assignment.bounds, () => live.forEach(killGroup));
  const end = (): void => live.forEach(killGroup);
  signal.addEventListener('abort', end, { once: true });
  let isClosed = false;

  const refuses = (path: string): string | null => {
    if (mode === 'plan') return 'nothing may be written yet';
    const isIn = assignment.spec.scope.in.some((glob) => path === glob || path.startsWith(glob.replace(/\*\*$/, '')));
    return isIn ? null : 'it is outside of the scope';
  };
  const start = async (command: RoomCommand): Promise<LiveRun> => {
    const child = spawn(command.argv[0] ?? '', command.argv.slice(1), {
      cwd: join(folder, command.cwd ?? ''),
      env: { ...command.env, HOME: home, TMPDIR: top },
      detached: true,
    });
    live.add(child);
    const ended = once(child, 'close').then(([exit]: unknown[]) => {
      live.delete(child);
      killGroup(child);
      return { exit: typeof exit === 'number' ? exit : null, ended: 'exited' as const, durationMs: 1 };
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-65_536)));
    child.stdin.on('error', () => undefined);
    if (command.timeoutMs !== undefined) setTimeout(() => killGroup(child), command.timeoutMs).unref();
    return {
      write: (bytes) => new Promise((resolve) => child.stdin.write(bytes, () => resolve())),
      endInput: () => void child.stdin.end(),
      stdout: child.stdout,
      stderr: () => said,
      kill: () => killGroup(child),
      ended,
    };
  };
  return {
    folder,
    home,
    baseUrl: house.baseUrl,
    token,
    meter,
    spend: meter.spendBy,
    isClosed: () => isClosed,
    writeHome: (path, text) => write(join(home, path), text),
    start,
    async run(command) {
      const program = await start(command);
      program.endInput();
      const chunks: Uint8Array[] = [];
      for await (const chunk of program.stdout) chunks.push(chunk);
      const { exit, ended } = await program.ended;
      return { exit, ended, output: `${Buffer.concat(chunks).toString()}${program.stderr()}` };
    },
    refuses,
    readFile: (path) => readFile(join(folder, path)).catch(() => null),
    async writeFile(path, bytes) {
      await write(join(folder, path), bytes);
    },
    async seal() {
      await git('add', '-A');
      return Buffer.from(await git('diff', '--cached', '--binary', 'HEAD'));
    },
    whyStopped() {
      const spend = meter.spend();
      const mend = 'see the test';
      if (signal.aborted) return new WorkFault('AGENT_CANCELLED', 'the work was cancelled', { mend, spend });
      const bound = meter.reached();
      if (bound !== null) return new WorkFault('BOUND_REACHED', `the bound of ${bound}`, { mend, spend });
      return house.trouble;
    },
    calls: () => ({ keyRefused: house.trouble?.code === 'AGENT_REFUSED_KEY' ? 9 : 0 }),
    async close() {
      end();
      signal.removeEventListener('abort', end);
      isClosed = true;
      await rm(top, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function openFakeMeter(bounds: Bounds, stop: () => void): FakeRoom['meter'] & { spendBy(more: Partial<Spend>): void } {
  let spent: Spend = nothingSpent;
  const reached = (): BoundKind | null =>
    bounds.micro_usd !== null && spent.micro_usd >= bounds.micro_usd ? 'money' : null;
  return {
    add: () => undefined,
    calls: () => [],
    spend: () => spent,
    reached,
    onReached: () => undefined,
    spendBy(more) {
      spent = { ...spent, ...more };
      if (reached() !== null) stop();
    },
  };
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
