import { z } from 'zod';
import { residencySchema, traitSchema } from '../../core/registry/agent-traits.js';
import { sessionSchema } from '../../core/routing/session.js';
import type { TaskRequest } from '../../core/tasks/task.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { Operation, OperationContext } from '../operation.js';
import { useRepository } from '../use-repository.js';
import { cancelTask } from './answer-task.js';
import { followTask } from './follow-task.js';
import { serveTasks } from './serve-tasks.js';
import { submitTask } from './submit-task.js';
import { reportTask, taskReportSchema } from './task-report.js';
import { useRuntime } from './use-runtime.js';

const hourMs = 3_600_000;

export const runInputSchema = z.strictObject({
  words: z.string().trim().min(1).max(20_000).describe('What is to be done.'),
  repository: z.string().min(1),
  base: z.string().min(1).optional(),
  spec: z.string().min(1).optional(),
  agents: z.array(z.string().min(1)).max(16).default([]),
  candidates: z.number().int().min(1).max(8).default(1),
  budgetUsd: z.number().nonnegative().max(10_000).optional().describe('At most so many dollars.'),
  maxTokens: z.number().int().positive().optional(),
  maxTurns: z.number().int().positive().optional(),
  maxMinutes: z.number().positive().max(10_000).default(60).describe('At most so many minutes of work.'),
  refinements: z.number().int().min(0).max(5).default(2),
  priority: z.number().int().min(1).max(1000).default(500),
  deadlineMinutes: z.number().positive().optional().describe('A verdict within so many minutes, or none.'),
  dedupKey: z.string().min(1).max(200).optional(),
  key: z.string().min(1).optional(),
  session: sessionSchema.optional().describe('Tasks of one session keep their agent while it can be asked.'),
  residency: residencySchema.default([]).describe('Models have to run at one of these.'),
  specialisations: z.array(traitSchema).max(16).default([]).describe('Agents have to name all of these.'),
  detach: z.boolean().default(false),
});
export type RunInput = z.infer<typeof runInputSchema>;

export const runOutputSchema = z
  .strictObject({
    ...taskReportSchema.shape,
    created: z.boolean().describe('False when an open task under the same dedup key was found.'),
    left: z.enum(['detached', 'background', 'waiting-for-up']).nullable().describe('How the task goes on without us.'),
  })
  .meta({ id: 'RunResult' });
export type RunOutput = z.infer<typeof runOutputSchema>;

/**
 * Takes a task from words to a verdict. Where workers are up they do it and this process only watches; else this process
 * is the worker. Interrupted, the task is left (it goes on in the background, or with the next `arbiter up`) or
 * cancelled, as the person says.
 * @throws QUEUE_FULL, NOT_A_REPOSITORY, and what `Runtime.open` throws
 */
export const runTask: Operation<RunInput, RunOutput> = {
  name: 'run',
  summary: 'take a task from words to a signed verdict with a coding agent',
  role: 'anyone',
  input: runInputSchema,
  output: runOutputSchema,
  async run(ports, input, context) {
    const request = await requestOf(ports, input, context.signal);
    return useRuntime(ports, context.signal, async (runtime) => {
      const { task, created } = await submitTask(ports, runtime, request);
      context.progress.stage(`task ${task.id}${created ? '' : ' (found under the same dedup key)'}`);
      if (input.detach) {
        await ensureWorkers(ports, runtime);
        return { ...(await reportTask(runtime.tasks, task.id)), created, left: 'detached' };
      }
      const left = await seeThrough(ports, runtime, task.id, context);
      return { ...(await reportTask(runtime.tasks, task.id)), created, left };
    });
  },
};

async function requestOf(ports: Ports, input: RunInput, signal: AbortSignal): Promise<TaskRequest> {
  const repository = await useRepository(ports, input.repository, signal, async (git) => git.root);
  const nowMs = ports.clock.nowMs();
  return {
    words: input.words,
    repository,
    spec: input.spec ?? null,
    base: input.base ?? null,
    agents: input.agents,
    candidates: input.candidates,
    bounds: {
      micro_usd: input.budgetUsd === undefined ? null : Math.floor(input.budgetUsd * 1_000_000),
      tokens: input.maxTokens ?? null,
      turns: input.maxTurns ?? null,
      wall_ms: Math.min(Math.floor(input.maxMinutes * 60_000), 240 * hourMs),
    },
    priority: input.priority,
    deadline_ms: input.deadlineMinutes === undefined ? null : nowMs + Math.floor(input.deadlineMinutes * 60_000),
    dedup_key: input.dedupKey ?? null,
    refinements: input.refinements,
    key: input.key ?? null,
    ...needsOf(input),
    ...(input.session === undefined ? {} : { session: input.session }),
  };
}

function needsOf({ residency, specialisations }: RunInput): Pick<TaskRequest, 'needs'> {
  return residency.length + specialisations.length === 0 ? {} : { needs: { residency, specialisations } };
}

/** Starts a worker in the background unless one is up. */
async function ensureWorkers(ports: Ports, runtime: OpenRuntime): Promise<boolean> {
  if ((await runtime.executors()).length > 0) return false;
  await ports.background.start();
  return true;
}

/** Follows the task, works on it where nobody else does, and answers how it was left; null when it ended or waits. */
async function seeThrough(
  ports: Ports,
  runtime: OpenRuntime,
  taskId: string,
  context: OperationContext,
): Promise<RunOutput['left']> {
  let serving = false;
  let lookedMs = 0;
  let waits = false;
  const idle = async (): Promise<void> => {
    const nowMs = ports.clock.nowMs();
    if (serving || nowMs - lookedMs < 3000) return;
    lookedMs = nowMs;
    // Workers that were up may be gone since: then this process takes over.
    const others = await runtime.executors();
    if (!waits && others.length > 0 && (await runtime.tasks.read(taskId)).task.state === 'submitted') {
      waits = true;
      context.progress.note(`waits for its turn with ${others.map(({ id }) => id).join(', ')}`);
    }
    if (others.length > 0) return;
    serving = true;
    await serveTasks(ports, runtime, (text) => context.progress.note(text), context.signal);
  };
  await idle();
  await followTask(runtime, taskId, context, { clock: ports.clock, idle });
  return context.signal.aborted ? leaveOrCancel(ports, runtime, taskId, context) : null;
}

async function leaveOrCancel(
  ports: Ports,
  runtime: OpenRuntime,
  taskId: string,
  { ask }: OperationContext,
): Promise<RunOutput['left']> {
  const answer =
    ask === undefined
      ? null
      : await ask('The task is not finished.', [
          { value: 'leave', label: 'leave it running in the background' },
          { value: 'cancel', label: 'cancel it' },
        ]);
  if (answer === 'cancel') {
    await cancelTask(runtime, taskId, 'the person who ran it', ports.clock.nowMs());
    return null;
  }
  if (answer !== 'leave') return 'waiting-for-up';
  await runtime.engine.stop(0);
  await ensureWorkers(ports, runtime);
  return 'background';
}
