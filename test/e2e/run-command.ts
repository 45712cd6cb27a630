import { findOperation } from '../../src/app/operations.js';
import type { Ports } from '../../src/ports/ports.js';
import { findSurface } from '../../src/surfaces/cli/commands/index.js';
import { createProgram } from '../../src/surfaces/cli/program.js';
import { createRunner } from '../../src/surfaces/cli/run-operation.js';
import { showFault } from '../../src/surfaces/cli/show-fault.js';

/** The whole command line but the process, so that a busy machine starts no sixty of them. */
export async function runCommand(
  ports: Ports,
  directory: string,
  argv: readonly string[],
): Promise<{ code: number; out: string; err: string }> {
  const said = { code: 0, out: '', err: '' };
  const terminal = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    interactive: false,
    colour: false,
    directory,
    environment: {},
    setExitCode: (code: number) => void (said.code = code),
  };
  const load = async (name: string) => ({ ports, operation: findOperation(name), surface: findSurface(name) });
  const program = createProgram('0.0.0-test', createRunner(terminal, load, new AbortController().signal));
  try {
    await program.parseAsync(['node', 'arbiter', ...argv]);
  } catch (error) {
    const shown = showFault(error, { json: false, interrupted: false });
    said.err += shown.text;
    said.code = shown.exitCode;
  }
  return said;
}
