import type { PointStore } from '../../ports/point-store.js';
import type { TaskStore } from '../../ports/task-store.js';
import { type LearningWorld, learnTask } from './learn-task.js';

/** Tasks that are looked at in one go. */
const batch = 200;

export interface LateWorld extends LearningWorld {
  readonly tasks: Pick<TaskStore, 'read' | 'readEvents'>;
  readonly points: Pick<PointStore, 'late' | 'unlearned' | 'noteLearned'>;
}

/**
 * Has the router and the registry learn what the tracker took from outside: what a killed process did not come to is
 * found here by whoever looks next, and what two learn at once is learned once. Answers how many of their outcomes changed.
 * One task that cannot be learned of keeps no other from it. @throws what the first such task threw
 */
export async function learnLate(world: LateWorld, signal: AbortSignal): Promise<number> {
  const { tasks, points } = world;
  const failed: { readonly error: unknown }[] = [];
  const seen = new Set<string>();
  let learned = 0;
  for (;;) {
    const fresh = (await points.unlearned(batch + failed.length)).filter((id) => !seen.has(id));
    if (fresh.length === 0 || signal.aborted) break;
    for (const id of fresh) {
      seen.add(id);
      try {
        // Read before it is learned: what comes meanwhile is noted by who brought it.
        const late = await points.late(id);
        const { task } = await tasks.read(id);
        // Rollouts are not told: a bet that was played stays played, and outcomes that come late are mostly the bad ones.
        learned += await learnTask(world, task, { storyIsNew: false });
        await points.noteLearned(late);
      } catch (error) {
        failed.push({ error });
      }
    }
  }
  const [first] = failed;
  if (first !== undefined) throw first.error;
  return learned;
}
