import type { QueueName } from '../../ports/engine.js';

/** Name under which DBOS keeps our rows, and the version that its recovery asks for: ours, not a hash of the code. */
export const applicationName = 'arbiter';
export const applicationVersion = 'tasks-1';

/** Channels on which workers are told at once; all else is found by looking. */
export const wakeChannel = 'arbiter_wake';
export const cancelChannel = 'arbiter_cancel';

export const queueNames: readonly QueueName[] = ['tasks', 'work'];

/** True for one of our two queues; DBOS has one of its own. */
export function isQueueName(name: string | null | undefined): name is QueueName {
  return name === 'tasks' || name === 'work';
}
