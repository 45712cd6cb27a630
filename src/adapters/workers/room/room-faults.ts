import type { BoundKind } from '../../../core/tasks/spend.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';
import type { Meter } from '../spend/meter.js';

/** Something that the agent did, or asked for, that a room does not give. */
export function refusedFault(meter: Meter, message: string, cause?: unknown): WorkFault<WorkerFaultCode> {
  return new WorkFault('AGENT_FAILED', message, {
    mend: 'let the agent work inside of its clone and its scope',
    spend: meter.spend(),
    cause,
  });
}

/** The task was cancelled, or the room closed. */
export function cancelledFault(meter: Meter): WorkFault<WorkerFaultCode> {
  return new WorkFault('AGENT_CANCELLED', 'the work was cancelled', { mend: 'resume the task', spend: meter.spend() });
}

/** A bound of the task is reached. */
export function boundFault(meter: Meter, bound: BoundKind): WorkFault<WorkerFaultCode> {
  return new WorkFault('BOUND_REACHED', `the run was stopped: the task has reached its bound of ${bound}`, {
    mend: 'give the task a wider bound, or make it smaller',
    spend: meter.spend(),
  });
}
