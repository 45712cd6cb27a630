import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPostmaster } from '../../src/adapters/postgres/launcher/postmaster.js';
import { storeFolders } from '../../src/adapters/postgres/launcher/store-folders.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { Ports } from '../../src/ports/ports.js';
import { createPorts } from '../../src/wiring.js';
import type { ExternalDatabase } from './external-database.js';
import { processesOf } from './processes.js';

const program = resolve(import.meta.dirname, '../../bin/main.js');

/** A home of its own for real processes of the built program, each of which a test may kill. */
export interface CrashHome {
  readonly home: string;
  /** What every process of this home calls its temporary folder. */
  readonly temporary: string;
  readonly stateHome: string;
  readonly ports: Ports;
  /** The store, opened by this process, which is a client and never works. */
  open(): Promise<OpenRuntime>;
  /** Starts `arbiter …` in a session of its own; what it says is appended to the home's log. */
  start(...argv: string[]): ChildProcess;
  /** Runs `arbiter …` to its end. */
  run(
    ...argv: string[]
  ): Promise<{ readonly code: number | null; readonly signal: string | null; readonly out: string }>;
  /** The embedded server's; null where there is none. */
  postmaster(): Promise<number | null>;
  /** A database on somebody else's server, which a test may shut and hold but not kill; null for an embedded one. */
  readonly external: ExternalDatabase | null;
  /** The last lines that processes of this home have said. */
  said(lines?: number): string;
  /** Stops whatever still runs, and removes the home. */
  close(): Promise<void>;
}

/** Makes an empty home. `environment` is added to what its processes see. */
export function createCrashHome(
  given: Readonly<Record<string, string>> = {},
  parent = tmpdir(),
  external: ExternalDatabase | null = null,
): CrashHome {
  const environment = { ...given, ...(external === null ? {} : { DATABASE_URL: external.url }) };
  const home = mkdtempSync(join(parent, 'arbiter-crash-'));
  const temporary = join(home, 'tmp');
  mkdirSync(temporary);
  const log = join(home, 'said.log');
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: temporary, ...environment };
  const ports = createPorts({ HOME: home, ...environment }, '0.0.0-crash');
  const { stateHome } = ports.places;
  const children = new Set<ChildProcess>();
  const opened: OpenRuntime[] = [];
  const start = (argv: readonly string[], stdout: 'pipe' | number): ChildProcess => {
    const file = openSync(log, 'a');
    const child = spawn(process.execPath, [program, ...argv], {
      cwd: home,
      env,
      detached: true,
      stdio: ['ignore', stdout === 'pipe' ? 'pipe' : file, file],
    });
    closeSync(file);
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  };
  return {
    home,
    temporary,
    stateHome,
    ports,
    async open() {
      const runtime = await ports.runtime.open(new AbortController().signal);
      opened.push(runtime);
      return runtime;
    },
    start: (...argv) => start(argv, 0),
    run(...argv) {
      const child = start(argv, 'pipe');
      let out = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
      return new Promise((done, failed) => {
        child.once('error', failed);
        child.once('close', (code, signal) => done({ code, signal, out }));
      });
    },
    external,
    postmaster: async () => (external === null ? findPostmaster(storeFolders(stateHome).data) : null),
    said: (lines = 40) => readFileSync(log, { encoding: 'utf8', flag: 'a+' }).split('\n').slice(-lines).join('\n'),
    async close() {
      for (const runtime of opened) await runtime.close().catch(() => undefined);
      await ports.runtime.stopServer().catch(() => false);
      // A stopped process cannot be asked; what is left after all this is ours alone.
      for (const pid of processesOf(home)) sendSignal(pid, 'SIGKILL');
      for (let tries = 0; processesOf(home).length > 0 && tries < 100; tries += 1) await sleep(20);
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      await external?.drop();
    },
  };
}

/** Sends a signal to a process that may have gone; false when it has. */
export function sendSignal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Waits until something is so. @throws when it is not within the time */
export async function until(what: string, timeoutMs: number, isSo: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(50);
  }
}
