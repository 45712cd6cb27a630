import { isEnded } from '../../core/tasks/task.js';
import type { TaskStore } from '../../ports/task-store.js';
import { type LearningWorld, learnTask } from './learn-task.js';

/** Decisions that are looked at in one sweep. */
const batch = 200;

/** Learns of tasks that ended while no leg drove them: cancelled by a person, or past their deadline. Answers how many. */
export async function settleEnded(
  world: LearningWorld & { readonly tasks: Pick<TaskStore, 'read' | 'readEvents'> },
): Promise<number> {
  let settled = 0;
  for (const id of await world.routes.unsettled(batch)) {
    const { task } = await world.tasks.read(id);
    if (!isEnded(task.state)) continue;
    await learnTask(world, task);
    settled += 1;
  }
  return settled;
}
