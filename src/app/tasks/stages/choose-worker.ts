import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import type { TaskWorld } from './task-world.js';

/**
 * The ladder: the agents that were named, in that order, else all that can be asked right now in the order in which they
 * were added. An agent that lacks something is passed over and told; when none is left the task fails and says what each
 * one lacks.
 */
export async function chooseWorker(world: TaskWorld, task: Task): Promise<TaskEvent> {
  const { ports, agents, workers, tasks } = world;
  const at_ms = ports.clock.nowMs();
  const all = await agents.list();
  const { agents: named } = task.request;
  const wanted = named.length === 0 ? all.map((agent) => agent.name) : named;
  const ladder: string[] = [];
  const lacking: string[] = [];
  for (const name of wanted) {
    const agent = all.find((one) => one.name === name);
    const lack = agent === undefined ? 'is not among the agents (arbiter agents list)' : await workers.lacks(agent);
    if (lack === null) ladder.push(name);
    else lacking.push(`${name} ${lack}`);
  }
  for (const lack of lacking) tasks.log(task.id, 'note', lack);
  if (ladder.length > 0) return { type: 'worker-chosen', at_ms, ladder };
  const message = lacking.length === 0 ? 'there is no agent yet' : `no agent can be asked: ${lacking.join('; ')}`;
  const mend = 'arbiter agents list shows agents and what they lack, arbiter agents add makes one';
  return { type: 'no-worker-found', at_ms, reason: { code: 'AGENT_MISSING', message, mend } };
}

/** Agents of the next attempt: the one whose turn it is and, for further candidates, those after it, round and round. */
export function nextAgents(task: Task): string[] {
  const { ladder, rung, round } = task;
  // A refinement gives one candidate back to the agent that made it.
  const count = round > 0 ? 1 : task.request.candidates;
  return Array.from({ length: count }, (_, index) => ladder[(rung + index) % ladder.length] ?? '');
}
