import { Fault } from '../../../core/fault.js';
import type { Ports } from '../../../ports/ports.js';
import { useRuntime } from '../../tasks/use-runtime.js';
import { unpublishable } from './verdict-folder.js';

/**
 * The folder of a verdict: the one that was named, else that of the task's last verdict.
 * @throws TASK_UNKNOWN, VERDICT_UNPUBLISHABLE, FILE_MISSING
 */
export async function findFolder(ports: Ports, target: string, signal: AbortSignal): Promise<string> {
  const path = await ports.files.resolve(target);
  if (await ports.files.exists(`${path}/verdict.yaml`)) return path;
  if (/[/\\]/.test(target) || !ulidLike.test(target)) {
    throw new Fault('FILE_MISSING', `there is no ${path}/verdict.yaml`, {
      mend: 'name the folder of a verdict (arbiter adjudicate prints it) or the id of a task (arbiter task list)',
      place: { file: path },
    });
  }
  return useRuntime(ports, signal, async ({ tasks }) => {
    const { task } = await tasks.read(await tasks.find(target));
    if (task.files === null) throw unpublishable(`task ${task.id} has no verdict yet`);
    return task.files.verdict.replace(/\/[^/]*$/, '');
  });
}

/** A task may be named by the beginning or the end of its id. */
const ulidLike = /^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{4,26}$/;
