import type { Recourse } from './task.js';

/** What helps after a worker's fault of that code. A code that is not known here is worth the next agent. */
export function recourseOf(code: string): Recourse {
  switch (code) {
    case 'ENDPOINT_BUSY':
    case 'ENDPOINT_DOWN':
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
