import { resumable } from '../../../core/tasks/apply-event.js';
import { isAbreast } from '../../../core/tasks/routing.js';
import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import { surveyBase } from '../../routing/survey-base.js';
import { routeTask } from '../../routing/route-task.js';
import { useRepository } from '../../use-repository.js';
import type { StageContext } from '../stages.js';
import { lawOfTask } from './admit-task.js';
import { takeNamed } from './take-named.js';
import type { TaskWorld } from './task-world.js';

/** Who works on a task: the agents that a person named, in that order, else whom the router chooses. */
export async function chooseWorker(world: TaskWorld, task: Task, context: StageContext): Promise<TaskEvent> {
  return task.request.agents.length === 0 ? askRouter(world, task, context) : takeNamed(world, task, context);
}

async function askRouter(world: TaskWorld, task: Task, context: StageContext): Promise<TaskEvent> {
  const { ports, registry, workers, tasks, routes, rollouts, points } = world;
  const law = await lawOfTask(world, task, context);
  const survey = await useRepository(ports, task.request.repository, context.signal, async (git) =>
    surveyBase(git, (await git.resolveCommit(task.base ?? 'HEAD')).id, law.spec),
  );
  const routing = { clock: ports.clock, registry, workers, tasks, routes, rollouts, points };
  return routeTask(routing, task, { ...law, survey }, context.signal);
}

/** The next attempt: who works, and whether on the parts that one before had finished. */
export function startWork(task: Task, atMs: number): TaskEvent {
  const resumes = task.state !== 'refining' && nextAgents(task).length === 1 && resumable(task) !== null;
  return { type: 'work-started', at_ms: atMs, agents: nextAgents(task), ...(resumes ? { resumes } : {}) };
}

/**
 * Agents of the next attempt. A refinement gives one candidate back to the agent that made it; a race and a parallel plan
 * begin with all of theirs; else it is the one whose turn it is and, for further candidates, those after it, round and round.
 */
function nextAgents(task: Task): string[] {
  const { ladder, rung, round, routing } = task;
  if (round > 0) return [task.candidates[task.chosen ?? 0]?.agent ?? ladder[rung] ?? ''];
  if (isAbreast(routing)) return [...ladder];
  const count = routing === undefined ? task.request.candidates : 1;
  return Array.from({ length: count }, (_, index) => ladder[(rung + index) % ladder.length] ?? '');
}
