import type { Endpoint, WireProtocol } from '../../../core/registry/agent-profile.js';
import type { WorkNews } from '../../../ports/worker.js';
import type { JsonRecord } from '../json-blocks.js';

/** What a program has to be told about the room that it works in. */
export interface Surroundings {
  readonly protocol: WireProtocol;
  /** As an SDK takes it, such as `http://127.0.0.1:4000/v1`. */
  readonly baseUrl: string;
  /** Stands for the key. */
  readonly token: string;
  readonly model: string;
  /** The private HOME and the clone, by the names inside. */
  readonly home: string;
  readonly folder: string;
  readonly mode: 'plan' | 'work';
  readonly contextTokens: number;
}

/** How a program is started: what follows its name, what it finds in its HOME and its environment. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files of the private HOME, by path in it. */
  readonly files: Readonly<Record<string, string>>;
}

/** What one line of a program's output tells. */
export interface Heard {
  readonly news?: readonly WorkNews[];
  /** Words to the user; `more` continues the words before. */
  readonly said?: string;
  readonly more?: boolean;
  /** The run went wrong, whatever the exit code will be. */
  readonly failed?: string;
  /** A step went well after a failure: what failed before was tried again. */
  readonly recovered?: boolean;
}

/** A program asked on a command line, its prompt on standard input. */
export interface CliFace {
  readonly executables: readonly string[];
  launch(surroundings: Surroundings): Launch;
  /** Reads one line of JSON. Null: the program speaks plain text, and all of it is its answer. */
  readonly hear: ((event: JsonRecord) => Heard) | null;
  /** Where the prompt comes by another way than standard input: the file of HOME that it is written to. */
  readonly promptFile?: string;
  /** Beginning of lines that are passed over unread. */
  readonly skip?: string;
  /** Where it says much more than it means; 256 MiB when left out. */
  readonly maxOutputBytes?: number;
}

/** A program that speaks the Agent Client Protocol on its standard input and output. */
export interface AcpFace {
  readonly executables: readonly string[];
  launch(surroundings: Surroundings): Launch;
  /** Session mode to ask for when it is offered; by it the agent's own questions come or stay away. */
  readonly sessionModes?: readonly string[];
  /** Ways to sign in that need no person, in the order to try them, where a session is refused without. */
  readonly authMethods?: readonly string[];
}

/** An agent program that is known by name. */
export interface KnownProgram {
  readonly name: string;
  /** Its usual public endpoint. */
  readonly endpoint: Endpoint;
  /** Model that a new profile starts with. */
  readonly model: string;
  /** Wires that it can be pointed at. */
  readonly speaks: readonly WireProtocol[];
  readonly cli: CliFace | null;
  readonly acp: AcpFace | null;
}

/** The base URL without the version at its end: some programs append it themselves. */
export function withoutVersion(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, '').replace(/\/v\d+(?:beta|alpha)?\d*$/, '');
}

/** Hosts that a program may call without a proxy; there is no other way out of a room anyway. */
export const quietly: Readonly<Record<string, string>> = {
  DO_NOT_TRACK: '1',
  DISABLE_TELEMETRY: '1',
  NO_COLOR: '1',
  TERM: 'dumb',
  LANG: 'C.UTF-8',
  NO_UPDATE_NOTIFIER: '1',
};
