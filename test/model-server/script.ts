import type { WireProtocol } from '../../src/core/registry/agent-profile.js';

/** A tool as the agent offered it to the model. */
export interface OfferedTool {
  readonly name: string;
  /** JSON Schema of its arguments; empty when the wire did not carry one. */
  readonly schema: { readonly properties?: Readonly<Record<string, { readonly type?: unknown }>> };
}

/** One request of an agent, whatever the wire it came by. */
export interface Conversation {
  readonly protocol: WireProtocol;
  readonly model: string;
  readonly stream: boolean;
  readonly tools: readonly OfferedTool[];
  /** System text and everything that users and tools said, in order. */
  readonly text: string;
  /** Tool results so far: how far the script has come. */
  readonly turn: number;
  /** What the last tool answered; empty before the first. */
  readonly lastResult: string;
}

/** What the model does at one turn. `edit` and `run` are done with whichever writing or shell tool the agent offers. */
export interface Step {
  readonly say?: string;
  readonly call?: { readonly tool: RegExp; readonly args: Readonly<Record<string, unknown>> };
  readonly edit?: { readonly path: string; readonly text: string };
  /** A file to be read: some agents write no file that they have not read. */
  readonly read?: string;
  /** A command line for a shell, in the agent's folder. */
  readonly run?: string;
}

/** Steps for every conversation whose text matches; the first script that matches is played. */
export interface Script {
  readonly when?: RegExp;
  readonly steps: readonly Step[];
}

/** What goes wrong with one request. */
export type ModelFault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      /** The name that the wire gives to the error, where that says more than the status. */
      readonly error?: string;
      readonly words?: string;
    }
  /** Nothing at all is said for so long; a client that leaves in the meantime is forgotten. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Headers at once, the first token late. */
  | { readonly kind: 'slow-first-token'; readonly ms: number }
  /** The connection is torn after so many events. */
  | { readonly kind: 'cut'; readonly afterEvents: number }
  /** One line that is no JSON, in the middle of the stream. */
  | { readonly kind: 'malformed' };

/** Tokens that each answer claims to have used. */
export interface ClaimedUsage {
  readonly input: number;
  readonly output: number;
}

/** What is said at one turn, before a wire gives it its form. */
export interface Turn {
  readonly say: string | null;
  readonly call: {
    readonly id: string;
    readonly name: string;
    readonly args: Readonly<Record<string, unknown>>;
  } | null;
  readonly usage: ClaimedUsage;
}

/** An answer in the form of one wire: the whole, and the events of the stream. */
export interface SpokenTurn {
  readonly whole: unknown;
  readonly events: readonly StreamEvent[];
}
export interface StreamEvent {
  readonly name?: string;
  readonly data: unknown;
}

/** One wire: reads what an agent asks, gives a turn its form. */
export interface Wire {
  read(body: Readonly<Record<string, unknown>>, path: string): Conversation;
  speak(turn: Turn, conversation: Conversation): SpokenTurn;
}
