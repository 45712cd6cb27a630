import { makeUlid } from '../../core/ids.js';
import { type Task, type TaskRequest, newTask } from '../../core/tasks/task.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import { reasonOf } from './fault-reason.js';
import { type Place, laneOf, legOptions, legWorkflow } from './lanes.js';

/** Tasks that may be open at once; more are refused with a time to try again. */
const maxOpenTasks = 10_000;

/**
 * Stores a task and asks for its first leg. The task is safe once this settles: a leg that a crash swallowed between the
 * two is found by the sweep. An open task under the same dedup key is answered instead.
 * @throws QUEUE_FULL
 */
export async function submitTask(
  ports: Pick<Ports, 'clock'>,
  { tasks, agents, engine }: Pick<OpenRuntime, 'tasks' | 'agents' | 'engine'>,
  request: TaskRequest,
): Promise<{ readonly task: Task; readonly created: boolean }> {
  const nowMs = ports.clock.nowMs();
  const task = newTask(makeUlid(nowMs, ports.clock.randomBytes(10)), request, nowMs);
  const first = { type: 'task-submitted', at_ms: nowMs } as const;
  const stored = await tasks.create(task, first, { maxOpen: maxOpenTasks });
  if (!stored.created) return stored;
  try {
    await enqueueLeg({ engine }, task, 1, await firstPlace({ agents }, task));
  } catch (error) {
    // The task is stored: to say now that it is not would have it asked for twice. The sweep finds it.
    tasks.log(task.id, 'note', `its turn could not be asked for (${reasonOf(error).message}): the next sweep does`);
  }
  return stored;
}

/** A task whose agent is named waits in that agent's lane from the start; any other is governed first. */
async function firstPlace({ agents }: Pick<OpenRuntime, 'agents'>, task: Task): Promise<Place> {
  const [name] = task.request.agents;
  if (name === undefined) return { queue: 'tasks' };
  const agent = await agents.find(name);
  return agent === null ? { queue: 'tasks' } : { queue: 'work', lane: laneOf(agent, task.id) };
}

/** Asks for a leg of a task; `again` tells it from one that was asked for at the same place of the story. */
export async function enqueueLeg(
  { engine }: Pick<OpenRuntime, 'engine'>,
  task: Task,
  seq: number,
  place: Place,
  again = '',
): Promise<void> {
  const input = { taskId: task.id, seq, queue: place.queue, lane: place.lane ?? null };
  await engine.enqueue(legWorkflow, input, legOptions(task.id, seq, place, { priority: task.request.priority, again }));
}
