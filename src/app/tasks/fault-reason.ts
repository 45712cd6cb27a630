import { isFault } from '../../core/fault.js';
import type { Reason } from '../../core/tasks/task.js';

const transient: ReadonlySet<string> = new Set([
  'GIT_TIMEOUT',
  'GIT_FAILED',
  'SANDBOX_FAILED',
  'SCRATCH_FAILED',
  'WRITE_FAILED',
  'DISK_FULL',
  'ENGINE_UNAVAILABLE',
]);

/** Whether the same stage may do better in a while. What is no fault of ours is a defect, and stays one. */
export function isTransient(error: unknown): boolean {
  return isFault(error) && transient.has(error.code);
}

/** A fault in the words that a person is told. */
export function reasonOf(error: unknown): Reason {
  if (isFault(error)) return { code: error.code, message: error.message, mend: error.mend };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'DEFECT', message, mend: 'this is a defect of Arbiter: please report it with the lines above' };
}
