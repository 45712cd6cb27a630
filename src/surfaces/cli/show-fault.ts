import { exitCodeOf } from '../../app/fault-table.js';
import { isFault } from '../../core/fault.js';
import { ZodError } from 'zod';
import { showForeign } from './paint.js';

/**
 * A fault for a person: what was wrong, where, what to do next; with --json the same as one object on stderr.
 * Whatever is no `Fault` is a defect of ours: its stack is shown, so that it can be reported.
 */
export function showFault(
  error: unknown,
  options: { readonly json: boolean; readonly interrupted: boolean },
): { readonly text: string; readonly exitCode: number } {
  const fault = describe(error, options.interrupted);
  const text = options.json
    ? `${JSON.stringify({ fault: fault })}\n`
    : `arbiter: ${showForeign(fault.message)}${fault.place === null ? '' : `\n  at ${showForeign(fault.place)}`}\n  ${showForeign(fault.mend)}\n`;
  return { text, exitCode: fault.exitCode };
}

interface ShownFault {
  readonly code: string;
  readonly message: string;
  readonly place: string | null;
  readonly mend: string;
  readonly exitCode: number;
}

function describe(error: unknown, interrupted: boolean): ShownFault {
  if (interrupted) {
    return {
      code: 'INTERRUPTED',
      message: 'stopped before the end; no verdict was reached',
      place: null,
      mend: 'run the command again',
      exitCode: 4,
    };
  }
  if (isFault(error)) {
    const { file, line, column } = error.place ?? {};
    const place = file === undefined ? null : [file, line, column].filter((part) => part !== undefined).join(':');
    return { code: error.code, message: error.message, place, mend: error.mend, exitCode: exitCodeOf(error.code) };
  }
  if (error instanceof ZodError) {
    const message = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    return { code: 'USAGE', message, place: null, mend: 'arbiter --help shows what each command takes', exitCode: 3 };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'DEFECT',
    message: stack,
    place: null,
    mend: 'this is a defect of Arbiter: please report it with the lines above',
    exitCode: 4,
  };
}
