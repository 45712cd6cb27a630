import { type ChildProcess, fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Home } from './home.js';
import { type CpuTimes, readCpuTimes, serverPids, usedBetween } from './process-facts.js';

/** What a process of a bench does; see worker.ts. */
export type Role = 'instant' | 'hold' | 'loop' | 'record-git' | 'replay-git' | 'plain-git' | 'plain-dbos';

/** What a worker says: that it is ready to begin, that it serves, or something of its own. */
export type Word =
  | { readonly say: 'ready' | 'serving' }
  | { readonly say: 'working'; readonly task: string; readonly atMs: number }
  | { readonly say: 'looped' | 'done'; readonly atMs: number };

export interface Member {
  readonly pid: number;
  /** Resolves with the next word of that kind. */
  heard(say: Word['say']): Promise<Word>;
  onWord(listen: (word: Word) => void): void;
  kill(): void;
}

/** What a crew has used, and what was left of the machine for others. */
export interface Use {
  readonly workersMs: number;
  readonly serverMs: number;
  readonly othersShare: number;
}

/** Real worker processes: each has loaded all it needs before any of them begins. */
export interface Crew {
  readonly members: readonly Member[];
  /** Lets them begin; answers when. */
  go(): number;
  /** Lets one of them begin. */
  goOne(index: number): void;
  /** What was used before this was for getting warm, and is not counted. */
  startCounting(): void;
  /** Processor time of the crew and of the server since `go` or `startCounting`, and what other work took of the machine. */
  used(): Use;
  /** Asks them to end, and kills after ten seconds. */
  stop(): Promise<void>;
}

const script = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Starts processes of a role in a home; `more` is told to them by their environment. */
export async function startCrew(
  home: Home,
  role: Role,
  count: number,
  more: Readonly<Record<string, string>> = {},
): Promise<Crew> {
  const children = Array.from({ length: count }, () =>
    fork(script, [role], {
      execArgv: ['--import', 'tsx', ...(process.env['BENCH_NODE_ARGS'] ?? '').split(' ').filter((arg) => arg !== '')],
      env: { ...home.environment, ...more },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
  const members = children.map(memberOf);
  await Promise.all(members.map((member) => member.heard('ready')));
  const workers = members.map(({ pid }) => pid);
  const read = (): { workers: CpuTimes; server: CpuTimes } => ({
    workers: readCpuTimes(workers),
    server: readCpuTimes(serverPids(home.stateHome)),
  });
  let before = read();
  return {
    members,
    go() {
      before = read();
      for (const child of children) child.send({ go: true });
      return Date.now();
    },
    startCounting: () => void (before = read()),
    goOne: (index) => void children[index]?.send({ go: true }),
    used() {
      const after = read();
      const cores = cpus().length;
      const server = usedBetween(before.server, after.server, cores).oursMs;
      const used = usedBetween(before.workers, after.workers, cores);
      const allMs = (after.workers.atMs - before.workers.atMs) * cores;
      return {
        workersMs: used.oursMs,
        serverMs: server,
        othersShare: Math.max(0, used.othersShare - server / allMs),
      };
    },
    async stop() {
      await Promise.all(children.map(end));
    },
  };
}

function memberOf(child: ChildProcess): Member {
  const pid = child.pid ?? 0;
  return {
    pid,
    heard: (say) =>
      new Promise((resolve, reject) => {
        const listen = (word: Word): void => {
          if (word.say !== say) return;
          child.off('message', listen);
          resolve(word);
        };
        child.on('message', listen);
        child.once('exit', (code) => reject(new Error(`a worker of the bench ended with ${code ?? 'a signal'}`)));
      }),
    onWord: (listen) => void child.on('message', listen),
    kill: () => void child.kill('SIGKILL'),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.send({ stop: true });
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(late);
}
