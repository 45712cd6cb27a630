import type { Task } from '../../../core/tasks/task.js';
import type { TaskCourse } from '../../adjudicate/case.js';
import type { TaskWorld } from './task-world.js';

/**
 * Where a verdict that is about to be reached stands in its task: the verdict that the story has last, and how many
 * candidates of the attempt pleaded. @throws TASK_UNKNOWN, LEDGER_CORRUPT
 */
export async function readCourse({ tasks, ledger }: TaskWorld, task: Task, index: number): Promise<TaskCourse> {
  const candidates = task.candidates.filter(({ plea }) => plea !== null).length;
  const story = await tasks.readEvents(task.id);
  const before = story.map(({ event }) => event).findLast((event) => event.type === 'verdict-reached');
  const { size } = await ledger.head();
  return {
    judge: candidates < 2 ? null : { candidates, candidate: index },
    previousSha256: before?.type === 'verdict-reached' ? before.sha256 : null,
    logSize: size,
  };
}
