import { Fault, isFault } from '../../core/fault.js';
import type { Task } from '../../core/tasks/task.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import { type Constitution, admit } from '../adjudicate/admit.js';

export type WaiverFaultCode = 'WAIVER_INVALID' | 'WAIVER_REFUSED' | 'WAIVER_SETTLED' | 'WAIVER_SIGNATURE_UNREADABLE';

/** What a waiver is for, as far as it says whose law it is held to. */
export interface WaiverSubject {
  readonly specId: string | null;
  readonly taskId: string | null;
}

/** The law that a waiver is held to, and the task that it is for; null where it is for any of its spec. */
export interface WaiverLaw {
  readonly law: Constitution;
  readonly base: string;
  readonly task: Task | null;
}

/**
 * The constitution by which a waiver will be judged: at the base of its task, else at the protected branch. Agents that
 * worked on the task count as its workers.
 * @throws TASK_UNKNOWN, SPEC_NOT_FOUND, SPEC_AMBIGUOUS, SPEC_MISSING, GIT_FAILED
 */
export async function readWaiverLaw(
  ports: Ports,
  git: GitSession,
  { tasks, waivers }: Pick<OpenRuntime, 'tasks' | 'waivers'>,
  { specId, taskId }: WaiverSubject,
): Promise<WaiverLaw> {
  const task = taskId === null ? null : (await tasks.read(taskId)).task;
  const base = await findBase(git, task);
  const candidate = { base, head: null, tree: base.tree };
  const law = await admit(ports, git, candidate, {
    spec: specId ?? task?.spec_id ?? undefined,
    needsSpec: true,
    workers: task === null ? [] : task.candidates.map(({ agent }) => agent),
    desk: { store: waivers, taskId, claim: '' },
  });
  return { law, base: base.id, task };
}

async function findBase(git: GitSession, task: Task | null) {
  try {
    return await git.resolveCommit(task?.base ?? (await git.protectedTip())?.commit ?? 'HEAD');
  } catch (error) {
    if (task === null || !isFault(error, 'UNKNOWN_REVISION')) throw error;
    throw new Fault<WaiverFaultCode>('WAIVER_INVALID', `task ${task.id} is of another repository`, {
      mend: `ask in ${task.request.repository} (-C DIR)`,
      cause: error,
    });
  }
}
