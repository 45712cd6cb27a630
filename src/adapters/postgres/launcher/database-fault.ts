import { Fault } from '../../../core/fault.js';
import type { RuntimeFaultCode } from '../../../ports/runtime.js';

/** A fault of the database as a whole: it is missing, it does not run, or it is not safe to use. */
export function databaseFault(
  code: RuntimeFaultCode,
  message: string,
  mend: string,
  cause?: unknown,
): Fault<RuntimeFaultCode> {
  return new Fault(code, message, { mend, ...(cause === undefined ? {} : { cause }) });
}

/** The `code` of an error of Node or PostgreSQL; null when it has none. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** What an error says, for a message of ours. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
