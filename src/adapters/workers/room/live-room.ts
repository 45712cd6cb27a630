import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { refusePath } from '../../../core/caws/lexical-path.js';
import type { Standing } from '../../../core/caws/scope.js';
import { isFault } from '../../../core/fault.js';
import type { WorkFault } from '../../../core/tasks/work-fault.js';
import type { LiveRun, SandboxEnd } from '../../../ports/sandbox.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';
import { relayPort, relayProgram } from '../../gates/registry-relay.js';
import type { Meter } from '../spend/meter.js';
import type { CallCounts } from './endpoint-trouble.js';
import { FileRefusal, FileServer } from './file-server.js';
import { fileServerProgram, mostFileBytes } from './file-server-program.js';
import type { Furniture } from './furniture.js';
import type { ModelRelay } from './model-relay.js';
import type { OpenRoom, RoomCommand } from './room.js';
import { boundFault, cancelledFault, refusedFault } from './room-faults.js';
import { RoomRuns } from './room-runs.js';
import { measureRoom } from './seal-room.js';

const mostOutputBytes = 1024 * 1024;

/** A room that is open: its runs, and everything that must end with it. */
export class LiveRoom implements OpenRoom {
  readonly folder: string;
  readonly home: string;
  readonly token: string;
  readonly meter: Meter;
  readonly #made: Furniture;
  readonly #runs: RoomRuns;
  readonly #files: FileServer;
  #relay: ModelRelay | null = null;
  #hasStarted = false;
  #closing: Promise<void> | null = null;

  constructor(made: Furniture) {
    this.#made = made;
    this.folder = made.folders.inside.work;
    this.home = made.folders.inside.home;
    this.token = made.token;
    this.meter = made.request.meter;
    this.#runs = new RoomRuns(made);
    this.#files = new FileServer(() => {
      const argv = [process.execPath, '-e', fileServerProgram];
      return this.#runs.launch(argv, { maxOutputBytes: Number.MAX_SAFE_INTEGER });
    });
  }

  get baseUrl(): string | null {
    const { endpoint } = this.#made.request.assignment.agent;
    if (endpoint === null || this.#relay === null) return null;
    const port = this.#relay.port === 0 ? relayPort : this.#relay.port;
    return `http://127.0.0.1:${port}${new URL(endpoint.base_url).pathname.replace(/\/+$/, '')}`;
  }

  /** Takes the relay, which needs the room to be there before it. */
  join(relay: ModelRelay | null): void {
    this.#relay = relay;
  }

  async writeHome(path: string, text: string): Promise<void> {
    const refused = refusePath(path);
    if (refused !== null) throw refusedFault(this.meter, `the file of the home cannot be written: ${refused}`);
    // Once a program has run, what stands in the home is its doing: a link could lead anywhere.
    if (this.#hasStarted) return this.#asked(() => this.#files.write(this.home, path, Buffer.from(text)));
    const file = join(this.#made.folders.host.home, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return writeFile(file, text, { mode: 0o600 });
  }

  async start(command: RoomCommand): Promise<LiveRun> {
    const { bound } = this.#runs;
    if (bound !== null) throw boundFault(this.meter, bound);
    const argv = command.cwd === undefined ? command.argv : inFolder(this.#placeOf(command.cwd), command.argv);
    const socket = join(this.#made.folders.inside.relay, 'socket');
    const hasOwnLoopback = this.#relay !== null && this.#relay.port === 0;
    this.#hasStarted = true;
    return this.#runs.launch(hasOwnLoopback ? [process.execPath, '-e', relayProgram, socket, ...argv] : argv, command);
  }

  async run(command: RoomCommand): Promise<{ exit: number | null; ended: SandboxEnd; output: string }> {
    const maxOutputBytes = command.maxOutputBytes ?? mostOutputBytes;
    const inside = inFolder(this.#placeOf(command.cwd ?? ''), command.argv);
    this.#hasStarted = true;
    const argv = ['/bin/sh', '-c', 'exec 2>&1; exec "$@"', 'sh', ...inside];
    const live = await this.#runs.launch(argv, { ...command, maxOutputBytes });
    live.endInput();
    const chunks: Uint8Array[] = [];
    for await (const chunk of live.stdout) chunks.push(chunk);
    const { exit, ended } = await live.ended;
    return { exit, ended, output: Buffer.concat(chunks).subarray(0, maxOutputBytes).toString('utf8') };
  }

  refuses(path: string): string | null {
    const lexical = refusePath(path);
    if (lexical !== null) return `the path cannot be used: ${lexical}`;
    if (this.#made.request.mode === 'plan') return 'this is a plan: nothing may be written yet';
    return whyNot(this.#made.standingOf(path));
  }

  async readFile(path: string): Promise<Uint8Array | null> {
    const lexical = refusePath(path);
    if (lexical !== null) throw refusedFault(this.meter, `${path} cannot be read: ${lexical}`);
    return this.#asked(() => this.#files.read(this.folder, path));
  }

  async writeFile(path: string, bytes: Uint8Array): Promise<void> {
    const tooBig = bytes.length > mostFileBytes ? `it has more than ${mostFileBytes} bytes` : null;
    const refused = this.refuses(path) ?? tooBig;
    if (refused !== null) throw refusedFault(this.meter, `${path} may not be written: ${refused}`);
    await this.#asked(() => this.#files.write(this.folder, path, bytes));
  }

  async seal(): Promise<Uint8Array> {
    const { git, request, folders } = this.#made;
    return measureRoom(git, { assignment: request.assignment, folder: folders.host.work, meter: this.meter });
  }

  whyStopped(): WorkFault<WorkerFaultCode> | null {
    const { signal, assignment } = this.#made.request;
    if (signal.aborted) return cancelledFault(this.meter);
    const { bound } = this.#runs;
    if (bound !== null) return boundFault(this.meter, bound);
    const { endpoint } = assignment.agent;
    return endpoint === null ? null : (this.#relay?.trouble.asFault(endpoint.base_url, this.meter.spend()) ?? null);
  }

  calls(): CallCounts | null {
    return this.#relay?.trouble.counts ?? null;
  }

  /** Ends all runs when an answer that tells of a bound has had the time to be read. */
  stopSoon(): void {
    this.#runs.stopSoon();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#runs.close();
    try {
      await this.#relay?.close();
    } finally {
      await this.#made.folders.remove();
    }
  }

  #placeOf(cwd: string): string {
    if (cwd === '' || cwd === '.') return this.folder;
    const refused = refusePath(cwd);
    if (refused !== null) throw refusedFault(this.meter, `nothing can be run in ${cwd}: ${refused}`);
    return join(this.folder, cwd);
  }

  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (isFault(error)) throw error;
      if (this.#runs.isOver) throw cancelledFault(this.meter);
      const said = error instanceof FileRefusal ? error.message : `the file server failed: ${String(error)}`;
      throw refusedFault(this.meter, `the file cannot be reached: ${said}`, error);
    }
  }
}

/** The command, run in a folder of the inside that may not be there. */
function inFolder(folder: string, argv: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', 'cd -- "$1" && shift && exec "$@"', 'sh', folder, ...argv];
}

function whyNot(standing: Standing): string | null {
  if (standing === 'protected') return 'it decides how changes are judged, and is protected';
  if (standing === 'out') return 'the spec excludes it (scope.out)';
  return standing === 'violation' ? 'it is outside of the scope of the spec (scope.in)' : null;
}
