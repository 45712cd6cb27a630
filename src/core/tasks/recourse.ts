import type { ErrorClass } from '../registry/error-class.js';
import { mayRetry } from '../registry/retry.js';
import type { Recourse } from './task.js';

/**
 * What helps after a worker's fault of that code, and of that class where it is one of a call: the same again only where
 * that may go better later. A code that is not known here is worth the next agent.
 */
export function recourseOf(code: string, errorClass: ErrorClass | null): Recourse {
  if (errorClass !== null) return mayRetry(errorClass) ? 'retry' : 'escalate';
  switch (code) {
    case 'CLONE_LOST':
    case 'SANDBOX_FAILED':
      return 'retry';
    case 'NOTHING_EDITED':
    case 'PLAN_UNREADABLE':
    case 'WORK_UNMEASURABLE':
      return 'refine';
    default:
      return 'escalate';
  }
}
