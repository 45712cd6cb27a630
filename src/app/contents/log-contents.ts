import { contentsAppend } from '../../core/records/content-entries.js';
import type { Documents } from '../../ports/documents.js';
import type { LedgerLog } from '../../ports/ledger-log.js';
import type { TaskStore } from '../../ports/task-store.js';
import { contentsOfTask } from './contents-of-task.js';

/**
 * Enters commitments to everything that a verdict rests on into the ledger, once. Done again it finds its entry: the salts
 * are stored, and nothing of an open task can be erased. @throws CONTENT_MISSING, LEDGER_CONFLICT, LEDGER_CORRUPT
 */
export async function logContents(
  world: { readonly tasks: TaskStore; readonly ledger: LedgerLog; readonly documents: Documents },
  { taskId, verdictId }: { readonly taskId: string; readonly verdictId: string },
): Promise<void> {
  const of = (await contentsOfTask(world, taskId)).filter((content) => content.verdictId === verdictId);
  const held = await world.tasks.commitments(of.map(({ sha256 }) => sha256));
  const contents = of.flatMap(({ what, sha256 }) => {
    const commitment = held.get(sha256);
    return commitment === undefined ? [] : [{ what, commitment }];
  });
  await world.ledger.append([contentsAppend({ verdict_id: verdictId, task_id: taskId, contents })]);
}
