import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Fault } from '../../src/core/fault.js';
import type { Room } from '../../src/adapters/workers/room/room.js';
import type { Meter } from '../../src/adapters/workers/spend/meter.js';

/** A room without walls, for tests of what goes on inside one: a git folder of its own, src/ writable. */
export async function openFakeRoom(
  meter: Meter,
  files: Readonly<Record<string, string>> = {},
): Promise<Room & { closed(): boolean }> {
  const folder = await mkdtemp(join(tmpdir(), 'arbiter-room-'));
  const git = (...argv: string[]): Buffer =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...argv], { cwd: folder });
  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  };
  git('init', '-q');
  for (const [path, text] of Object.entries(files)) await put(path, Buffer.from(text));
  git('add', '-A');
  git('commit', '-qm', 'base', '--allow-empty');
  let closed = false;
  const running = new Set<number>();

  const refuses = (path: string): string | null => {
    if (path.startsWith('/') || path.split('/').includes('..')) return 'it is not in the folder';
    return path.startsWith('src/') ? null : 'it is outside the scope';
  };
  return {
    folder,
    home: folder,
    baseUrl: null,
    token: 'room-token-123456',
    meter,
    refuses,
    closed: () => closed,
    writeHome: () => Promise.resolve(),
    start: () => Promise.reject(new Error('not asked for')),
    run: ({ argv, timeoutMs = 10_000 }) =>
      new Promise((resolve) => {
        const [program = 'true', ...rest] = argv;
        const child = spawn(program, rest, { cwd: folder, detached: true, timeout: timeoutMs });
        if (child.pid !== undefined) running.add(child.pid);
        let output = '';
        child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
        child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
        child.on('close', (exit) => resolve({ exit, ended: exit === null ? 'aborted' : 'exited', output }));
      }),
    readFile: (path) => readFile(join(folder, path)).catch(() => null),
    writeFile: async (path, bytes) => {
      const why = refuses(path);
      if (why !== null) throw new Fault('AGENT_FAILED', why, { mend: 'write elsewhere' });
      await put(path, bytes);
    },
    seal: () => {
      git('add', '-A');
      return Promise.resolve(git('diff', '--cached', '--binary'));
    },
    close: async () => {
      closed = true;
      for (const pid of running) {
        try {
          process.kill(-pid, 'SIGKILL');
        } catch {
          // it has ended by itself
        }
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
