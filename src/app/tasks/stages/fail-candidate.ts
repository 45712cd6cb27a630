import { type ClassedFault, isOfAgent } from '../../../core/registry/error-class.js';
import { retryWindowMs, withinRetryBudget } from '../../../core/registry/retry.js';
import { classFault } from '../../../core/tasks/class-fault.js';
import { maxFaults } from '../../../core/tasks/go-on.js';
import { recourseOf } from '../../../core/tasks/recourse.js';
import { nothingSpent } from '../../../core/tasks/spend.js';
import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { Fault } from '../../../core/fault.js';
import { agentBreaker, endpointBreaker } from '../../registry/open-registry.js';
import { type Rest, longestRestMs, restOf, sayRest } from '../../registry/rest-of-agent.js';
import { reasonOf } from '../fault-reason.js';
import type { TaskWorld } from './task-world.js';

/**
 * What a worker's fault is for its task: it is counted by the breakers, and the same agent is asked again only where that
 * may help, where its breakers do not keep it away for longer than a task waits, and where the budget of retries, which
 * all processes share, has one left.
 */
export async function failCandidate(
  world: TaskWorld,
  task: Task,
  index: number,
  error: Fault,
): Promise<Extract<TaskEvent, { type: 'work-failed' }>> {
  const name = task.candidates[index]?.agent ?? '';
  const fault = classFault(error);
  const rest = fault === null ? null : await tripBreakers(world, task, name, fault);
  const at_ms = world.ports.clock.nowMs();
  const told = {
    type: 'work-failed' as const,
    at_ms,
    candidate: index,
    reason: reasonOf(error),
    spend: error instanceof WorkFault ? error.spend : nothingSpent,
    ...(fault === null ? {} : { fault }),
  };
  const then = recourseOf(error.code, fault?.class ?? null);
  if (then !== 'retry') return { ...told, then };
  const untilMs = Math.max(rest?.untilMs ?? 0, at_ms + (fault?.retry_after_ms ?? 0));
  if (untilMs - at_ms > longestRestMs) {
    const { code, message, mend } = told.reason;
    const why = rest === null ? 'that is longer than a task waits' : `${name} ${sayRest(rest)}`;
    return { ...told, then: 'escalate', reason: { code, message: `${message}; not asked again: ${why}`, mend } };
  }
  // The last fault in a row is followed by no retry, which is then not taken from the others.
  if (task.faults + 1 >= maxFaults) return { ...told, then: 'escalate' };
  const retry = { taskId: task.id, attempt: task.attempt, candidate: index, atMs: at_ms };
  const { granted, retries, tasks } = await world.retries.take(retry, retryWindowMs, (count) =>
    withinRetryBudget(count.retries, count.tasks),
  );
  if (!granted) return { ...told, then: 'escalate', unretried: { retries, tasks } };
  return { ...told, then, ...(untilMs > at_ms ? { rests_until_ms: untilMs } : {}) };
}

/**
 * A fault of an agent or its endpoint is counted by their breakers: what is about the agent alone says nothing of the
 * endpoint that others call too. Answers whether the agent rests now.
 */
async function tripBreakers(
  { agents, registry, ports }: TaskWorld,
  { id }: Task,
  name: string,
  { class: errorClass, retry_after_ms: retryAfterMs }: ClassedFault,
): Promise<Rest | null> {
  const profile = await agents.find(name);
  const endpoint = profile?.endpoint ?? null;
  const keys = endpoint === null || isOfAgent(errorClass) ? [agentBreaker(name)] : [endpointBreaker(endpoint.base_url)];
  const [byte = 0] = ports.clock.randomBytes(1);
  await registry.recordFault(name, keys, { errorClass, atMs: ports.clock.nowMs(), retryAfterMs, draw: byte / 256 });
  return profile === null ? null : restOf(registry, profile, id);
}
