import { type CreateTerminalRequest, RequestError } from '@agentclientprotocol/sdk';
import type { AgentRoom } from '../agent-room.js';
import { defaultPath } from '../../sandbox/bubblewrap-argv.js';
import type { Logbook } from '../logbook.js';
import type { LiveRun } from '../room/room.js';
import { placeInClone } from './place-in-clone.js';

interface Terminal {
  readonly live: LiveRun;
  readonly tail: OutputTail;
  readonly ended: Promise<ExitStatus>;
  exit: ExitStatus | null;
}
interface ExitStatus {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

const mostTerminals = 32;
const mostOutputBytes = 1024 * 1024;
const mostReadBytes = 256 * 1024 * 1024;

/** Commands that an agent asked to be run: each runs inside the room, and all are dead when `close` settles. */
export class Terminals {
  readonly #room: AgentRoom;
  readonly #logbook: Logbook;
  readonly #open = new Map<string, Terminal>();
  #count = 0;

  constructor(room: AgentRoom, logbook: Logbook) {
    this.#room = room;
    this.#logbook = logbook;
  }

  async create(asked: CreateTerminalRequest): Promise<{ terminalId: string }> {
    if (this.#open.size >= mostTerminals) {
      throw RequestError.invalidParams(undefined, `there are ${mostTerminals} terminals open: release some`);
    }
    const args = asked.args ?? [];
    const cwd = placeInClone(this.#room.folder, asked.cwd ?? this.#room.folder);
    if (cwd === null) throw RequestError.invalidParams({ cwd: asked.cwd }, 'the folder is outside of the clone');
    this.#logbook.note({ kind: 'tool', text: [asked.command, ...args].join(' ') });
    // Some agents send a whole command line as the command. Both outputs are one, as in a terminal.
    const line = args.length === 0 ? ['/bin/sh', '-c', asked.command] : [asked.command, ...args];
    const env = Object.fromEntries((asked.env ?? []).map(({ name, value }) => [name, value]));
    const live = await this.#room.start({
      argv: ['/bin/sh', '-c', 'exec "$@" 2>&1', 'sh', ...line],
      env: { PATH: defaultPath(), ...env },
      cwd,
      maxOutputBytes: mostReadBytes,
    });
    live.endInput();
    this.#count += 1;
    const terminalId = `terminal-${this.#count}`;
    const limit = Math.min(asked.outputByteLimit ?? mostOutputBytes, mostOutputBytes);
    this.#open.set(terminalId, follow(live, new OutputTail(limit)));
    return { terminalId };
  }

  output(terminalId: string): { output: string; truncated: boolean; exitStatus: ExitStatus | null } {
    const { tail, exit } = this.#find(terminalId);
    return { output: tail.text(), truncated: tail.isTruncated, exitStatus: exit };
  }

  waitForExit(terminalId: string): Promise<ExitStatus> {
    return this.#find(terminalId).ended;
  }

  kill(terminalId: string): Record<string, never> {
    this.#find(terminalId).live.kill();
    return {};
  }

  release(terminalId: string): Record<string, never> {
    this.kill(terminalId);
    this.#open.delete(terminalId);
    return {};
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    for (const { live } of all) live.kill();
    await Promise.allSettled(all.map(({ ended }) => ended));
  }

  #find(terminalId: string): Terminal {
    const terminal = this.#open.get(terminalId);
    if (terminal !== undefined) return terminal;
    throw RequestError.invalidParams({ terminalId }, 'there is no such terminal');
  }
}

function follow(live: LiveRun, tail: OutputTail): Terminal {
  const read = async (): Promise<ExitStatus> => {
    for await (const chunk of live.stdout) tail.add(chunk);
    const { exit, ended } = await live.ended;
    terminal.exit = { exitCode: exit, signal: ended === 'exited' ? null : 'SIGKILL' };
    return terminal.exit;
  };
  // A sandbox that could not be set up ends like a command that could not be run.
  const ended = Promise.resolve()
    .then(read)
    .catch((): ExitStatus => (terminal.exit = { exitCode: 126, signal: null }));
  const terminal: Terminal = { live, tail, ended, exit: null };
  return terminal;
}

/** The end of an output, by bytes; cut between characters, as the protocol asks. */
class OutputTail {
  readonly #limit: number;
  #chunks: Uint8Array[] = [];
  #size = 0;
  isTruncated = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > 2 * this.#limit) this.#cut();
  }

  text(): string {
    this.#cut();
    const bytes = Buffer.concat(this.#chunks);
    let from = 0;
    // a character's later bytes are 10xxxxxx
    while (this.isTruncated && from < 4 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
    return bytes.toString('utf8', from);
  }

  #cut(): void {
    if (this.#size <= this.#limit) return;
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [bytes.subarray(bytes.length - this.#limit)];
    this.#size = this.#limit;
    this.isTruncated = true;
  }
}
