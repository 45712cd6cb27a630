import { z } from 'zod';
import { deriveBudget } from '../../../core/caws/examine/derive-budget.js';
import { chunkSchema } from '../../../core/tasks/chunk.js';
import { type Division, decompose, orderChunks } from '../../../core/tasks/decompose.js';
import { type Spend, nothingSpent, remainingBounds } from '../../../core/tasks/spend.js';
import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent, TaskEventOf } from '../../../core/tasks/task-event.js';
import { isFault } from '../../../core/fault.js';
import { writeDecomposePrompt } from '../../prompts/write-prompt.js';
import type { Constitution } from '../../adjudicate/admit.js';
import type { StageContext } from '../stages.js';
import { lawOfTask } from './admit-task.js';
import { type TaskWorld, requireAgent } from './task-world.js';

/**
 * Divides the task: as `.caws/arbiter.yaml` says for its spec, else by the planner that it names, else not at all. A
 * planner that fails or draws a circle is told, and the task stays whole: dividing helps, it is no condition.
 */
export async function divideTask(world: TaskWorld, task: Task, context: StageContext): Promise<TaskEvent> {
  const { ports } = world;
  const law = await lawOfTask(world, task, context);
  const { words } = task.request;
  const told = law.config.tasks.decompose[task.spec_id ?? ''];
  const planned = (
    chunks: TaskEventOf<'task-planned'>['chunks'],
    by: TaskEventOf<'task-planned'>['by'],
    spend: Spend,
  ) => ({ type: 'task-planned', at_ms: ports.clock.nowMs(), chunks, by, spend }) as const;
  const { spec } = law;
  if (spec === null) return planned([{ id: 'whole', words, scope: [], after: [] }], 'whole', nothingSpent);
  if (told !== undefined || law.config.tasks.planner === null) {
    const division: Division = told ?? 'whole';
    const chunks = [...decompose(words, spec, division)];
    return planned(chunks, typeof division === 'string' ? division : 'configuration', nothingSpent);
  }
  const { chunks, spend } = await askPlanner(world, task, { ...law, spec }, context);
  return planned(chunks, chunks.length > 1 ? 'planner' : 'whole', spend);
}

const maxChunks = 12;
const answerSchema = z.strictObject({ chunks: z.array(chunkSchema).min(1).max(maxChunks) });

async function askPlanner(
  world: TaskWorld,
  task: Task,
  law: Constitution & { readonly spec: NonNullable<Constitution['spec']> },
  context: StageContext,
): Promise<{ readonly chunks: z.infer<typeof chunkSchema>[]; readonly spend: Spend }> {
  const { words, repository, bounds } = task.request;
  const whole = [{ id: 'whole', words, scope: [], after: [] }];
  try {
    const agent = await requireAgent(world.agents, law.config.tasks.planner ?? '');
    const worker = await world.workers.workerOf(agent);
    const { files, loc } = deriveBudget(law.spec, law.policy, law.waivers).limits;
    const budget = { maxFiles: files, maxLoc: loc };
    const assignment = {
      taskId: task.id,
      attempt: 0,
      candidate: 0,
      chunk: null,
      agent,
      repository,
      base: task.base ?? '',
      startPatch: null,
      spec: law.spec,
      protectedPaths: law.config.protected,
      prompt: writeDecomposePrompt({ words, spec: law.spec, budget, protectedPaths: law.config.protected, maxChunks }),
      plan: null,
      findings: [],
      bounds: remainingBounds(bounds, task.spend),
      sandbox: law.config.sandbox,
    };
    const { answer, spend } = await worker.ask(
      assignment,
      ({ kind, text }) => context.tell(kind, text),
      context.signal,
    );
    const parsed = answerSchema.safeParse(answer);
    if (!parsed.success) {
      context.tell(
        'note',
        `the planner's parts cannot be read (${parsed.error.issues[0]?.message ?? ''}): the task stays whole`,
      );
      return { chunks: whole, spend };
    }
    return { chunks: [...orderChunks(parsed.data.chunks)], spend };
  } catch (error) {
    if (!isFault(error) || context.signal.aborted) throw error;
    context.tell('note', `the planner could not divide the task (${error.message}): it stays whole`);
    return { chunks: whole, spend: nothingSpent };
  }
}
