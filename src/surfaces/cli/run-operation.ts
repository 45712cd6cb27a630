import type { Operation, OperationContext } from '../../app/operation.js';
import type { Ports } from '../../ports/ports.js';
import type { CommandSurface } from './commands/command-surface.js';
import { createProgress } from './progress.js';
import type { Terminal } from './terminal.js';

/** Runs the operation of that name with the flags of the command line. */
export type Runner = (name: string, flags: Record<string, unknown>) => Promise<void>;

/** What one command needs; loaded only once a command is really run. */
export interface Loaded {
  readonly ports: Ports;
  readonly operation: Operation;
  readonly surface: CommandSurface<unknown, unknown>;
}

/**
 * Makes the runner: shapes the flags into the operation's input, runs it with live progress on stderr, prints its
 * value on stdout as JSON or for people, and sets the exit code that the value stands for.
 */
export function createRunner(terminal: Terminal, load: (name: string) => Promise<Loaded>, signal: AbortSignal): Runner {
  return async (name, flags) => {
    const json = flags['json'] === true;
    const { ports, operation, surface } = await load(name);
    const input = operation.input.parse(await surface.shape(flags, terminal));
    const progress = createProgress(terminal, json);
    const ask: NonNullable<OperationContext['ask']> = async (question, choices) => {
      progress.end();
      const { askOnTerminal } = await import('./ask-on-terminal.js');
      return askOnTerminal(question, choices);
    };
    // Whoever is gone (SIGHUP), or is no person (a pipe, a supervisor), is not asked.
    const asks = terminal.interactive && !json ? { ask: unlessGone(ask, signal) } : {};
    try {
      const output = await operation.run(ports, input, { progress, signal, ...asks });
      progress.end();
      terminal.out(json ? `${JSON.stringify(output, null, 2)}\n` : surface.show(output, terminal));
      terminal.setExitCode(surface.exitCode(output));
    } finally {
      progress.end();
    }
  };
}

type Ask = NonNullable<OperationContext['ask']>;

function unlessGone(ask: Ask, signal: AbortSignal): Ask {
  return async (question, choices) => {
    const reason: unknown = signal.reason;
    const gone = signal.aborted && !(reason instanceof Error && reason.message.includes('SIGINT'));
    return gone ? null : ask(question, choices);
  };
}
