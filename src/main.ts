#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { trustedPath } from './adapters/sandbox/host-tools.js';
import { loadOperation } from './app/load-operation.js';
import { loadSurface } from './surfaces/cli/commands/load-surface.js';
import { exitCodes } from './surfaces/cli/exit-codes.js';
import { createProgram, isCommanderExit } from './surfaces/cli/program.js';
import { createRunner } from './surfaces/cli/run-operation.js';

// The only room that knows both adapters and surfaces. Everything heavy is loaded when a command needs it, so that
// `arbiter --help` costs a command-line parser and nothing else.

// Every program that is started by its name (cp, mkfifo, ssh-keygen) is looked for where the work tree has no say.
process.env['PATH'] = trustedPath(process.env['PATH'] ?? '', process.cwd());

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => {
    interruption.abort(new Error(`stopped by ${name}`));
    // A second signal ends at once.
    process.once(name, () => process.exit(130));
  });
}

/** The version in our own package.json, which npm has checked. */
function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}

const terminal = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
  interactive: process.stderr.isTTY && process.env['TERM'] !== 'dumb',
  colour: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
  directory: process.cwd(),
  environment: process.env,
  setExitCode: (code: number) => void (process.exitCode = code),
};

const version = readVersion();
const run = createRunner(
  terminal,
  async (name) => {
    const [{ createPorts }, operation, surface] = await Promise.all([
      import('./wiring.js'),
      loadOperation(name),
      loadSurface(name),
    ]);
    return { ports: createPorts(process.env, version), operation, surface };
  },
  interruption.signal,
);

// A closed pipe (`arbiter … | head`) is no fault of ours, and changes no verdict: the exit code stands, and progress
// that nobody reads is dropped.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? (process.exitCode ?? exitCodes.fault) : exitCodes.fault),
);
process.stderr.on('error', () => undefined);

try {
  await createProgram(version, run).parseAsync(process.argv);
} catch (error) {
  if (isCommanderExit(error)) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  else {
    const { showFault } = await import('./surfaces/cli/show-fault.js');
    const shown = showFault(error, { json: process.argv.includes('--json'), interrupted: interruption.signal.aborted });
    terminal.err(shown.text);
    process.exitCode = shown.exitCode;
  }
}
