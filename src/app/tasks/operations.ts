import { z } from 'zod';
import { recordingOf, recordingSchema } from '../../core/tasks/recording.js';
import { taskSchema, taskStateSchema } from '../../core/tasks/task.js';
import { logLineKinds } from '../../core/tasks/log-line.js';
import type { Operation } from '../operation.js';
import { useRepository } from '../use-repository.js';
import { answerTask, cancelTask } from './answer-task.js';
import { followTask } from './follow-task.js';
import { gatherAttempts } from './gather-attempts.js';
import { type TaskReport, reportTask, taskReportSchema } from './task-report.js';
import { useRuntime } from './use-runtime.js';

const idSchema = z.strictObject({ id: z.string().min(1).describe('The task’s id, or its beginning or end.') });
type IdInput = z.infer<typeof idSchema>;

const listInputSchema = z.strictObject({
  states: z.array(taskStateSchema).default([]),
  repository: z.string().min(1).optional(),
  limit: z.number().int().min(1).max(1000).default(20),
});
const taskListSchema = z.strictObject({ tasks: z.array(taskSchema) }).meta({ id: 'TaskList' });

export const taskList: Operation<z.infer<typeof listInputSchema>, z.infer<typeof taskListSchema>> = {
  name: 'task list',
  summary: 'list tasks, newest first',
  role: 'anyone',
  input: listInputSchema,
  output: taskListSchema,
  run: (ports, { states, repository, limit }, { signal }) =>
    useRuntime(ports, signal, async ({ tasks }) => {
      const filter = {
        limit,
        ...(states.length === 0 ? {} : { states }),
        ...(repository === undefined ? {} : { repository }),
      };
      return { tasks: [...(await tasks.list(filter))] };
    }),
};

export const taskShow: Operation<IdInput, TaskReport> = {
  name: 'task show',
  summary: 'tell the whole story of a task',
  role: 'anyone',
  input: idSchema,
  output: taskReportSchema,
  run: (ports, { id }, { signal }) =>
    useRuntime(ports, signal, async ({ tasks }) => reportTask(tasks, await tasks.find(id))),
};

export const taskWatch: Operation<IdInput, TaskReport> = {
  name: 'task watch',
  summary: 'follow a task live until it ends or waits for a human',
  role: 'anyone',
  input: idSchema,
  output: taskReportSchema,
  run: (ports, { id }, context) =>
    useRuntime(ports, context.signal, async (runtime) => {
      const taskId = await runtime.tasks.find(id);
      await followTask(runtime, taskId, context, { clock: ports.clock });
      return reportTask(runtime.tasks, taskId);
    }),
};

export const taskCancel: Operation<IdInput, TaskReport> = {
  name: 'task cancel',
  summary: 'end a task now; the repository stays as it is',
  role: 'anyone',
  input: idSchema,
  output: taskReportSchema,
  run: (ports, { id }, { signal }) =>
    useRuntime(ports, signal, async (runtime) => {
      const taskId = await runtime.tasks.find(id);
      await cancelTask(runtime, taskId, 'arbiter task cancel', ports.clock.nowMs());
      return reportTask(runtime.tasks, taskId);
    }),
};

const resumeInputSchema = z.strictObject({ ...idSchema.shape, base: z.string().min(1).optional() });

export const taskResume: Operation<z.infer<typeof resumeInputSchema>, TaskReport> = {
  name: 'task resume',
  summary: 'wake a task that waits for a human, on the base that holds the answer',
  role: 'human',
  input: resumeInputSchema,
  output: taskReportSchema,
  run: (ports, input, { signal }) =>
    useRuntime(ports, signal, async (runtime) => {
      const taskId = await runtime.tasks.find(input.id);
      const { task } = await runtime.tasks.read(taskId);
      const base = await useRepository(ports, task.request.repository, signal, async (git) => {
        const revision = input.base ?? (await git.protectedTip())?.commit ?? 'HEAD';
        return (await git.resolveCommit(revision)).id;
      });
      await answerTask(runtime, taskId, { base, by: 'arbiter task resume', nowMs: ports.clock.nowMs() });
      return reportTask(runtime.tasks, taskId);
    }),
};

const logsInputSchema = z.strictObject({
  ...idSchema.shape,
  limit: z.number().int().min(1).max(100_000).default(1000),
});
const taskLogsSchema = z
  .strictObject({
    lines: z.array(
      z.strictObject({ id: z.number().int(), at_ms: z.number().int(), kind: z.enum(logLineKinds), text: z.string() }),
    ),
  })
  .meta({ id: 'TaskLogs' });

export const taskLogs: Operation<z.infer<typeof logsInputSchema>, z.infer<typeof taskLogsSchema>> = {
  name: 'task logs',
  summary: 'print what agents and stages said',
  role: 'anyone',
  input: logsInputSchema,
  output: taskLogsSchema,
  run: (ports, { id, limit }, { signal }) =>
    useRuntime(ports, signal, async ({ tasks }) => {
      const lines = await tasks.readLog(await tasks.find(id), 0, limit);
      return { lines: lines.map(({ id: line, atMs, kind, text }) => ({ id: line, at_ms: atMs, kind, text })) };
    }),
};

const recordInputSchema = z.strictObject({
  ...idSchema.shape,
  out: z.string().min(1).describe('The recording’s file.'),
});
const recordOutputSchema = z
  .strictObject({ file: z.string(), recording: recordingSchema })
  .meta({ id: 'TaskRecording' });

export const taskRecord: Operation<z.infer<typeof recordInputSchema>, z.infer<typeof recordOutputSchema>> = {
  name: 'task record',
  summary: 'write what the agents of a task did as a recording that a replay agent repeats',
  role: 'anyone',
  input: recordInputSchema,
  output: recordOutputSchema,
  run: (ports, { id, out }, { signal }) =>
    useRuntime(ports, signal, async ({ tasks }) => {
      const { agent, model, attempts } = await gatherAttempts(tasks, await tasks.find(id));
      const recording = recordingOf(agent, model, attempts);
      await ports.files.writeNewFile(out, new TextEncoder().encode(`${JSON.stringify(recording, null, 2)}\n`));
      return { file: out, recording };
    }),
};
