import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import { isFault } from '../../../core/fault.js';
import type { CommitFacts, GitSession } from '../../../ports/git.js';
import { type Constitution, admit } from '../../adjudicate/admit.js';
import { useRepository } from '../../use-repository.js';
import { reasonOf } from '../fault-reason.js';
import type { StageContext } from '../stages.js';
import type { TaskWorld } from './task-world.js';

/** What a person has to mend before the task can begin; all else is a fault of the machine. */
const refusals: ReadonlySet<string> = new Set([
  'SPEC_NOT_FOUND',
  'SPEC_AMBIGUOUS',
  'SPEC_MISSING',
  'UNKNOWN_REVISION',
  'NOT_A_REPOSITORY',
  'CLOCK_BEFORE_BASE',
]);

/** Finds the base and its law. A spec, policy or configuration that is not valid refuses the task before it costs anything. */
export async function admitTask(world: TaskWorld, task: Task, { signal, cases }: StageContext): Promise<TaskEvent> {
  const { ports } = world;
  const at_ms = ports.clock.nowMs();
  try {
    return await useRepository(ports, task.request.repository, signal, async (git) => {
      const base = await findBase(git, task);
      const law = await readLaw(world, git, base, task.request.spec);
      const { spec, specSha256, policySha256, findings } = law;
      const [finding] = findings;
      if (finding !== undefined || spec === null || specSha256 === null) {
        const message =
          finding === undefined ? 'the base has no valid spec' : `${finding.path ?? ''}: ${finding.message}`;
        const mend = finding?.mend ?? 'write one with arbiter spec new, and commit it';
        return { type: 'admission-refused', at_ms, reason: { code: finding?.rule ?? 'SPEC_MISSING', message, mend } };
      }
      cases.keepLaw({ id: task.id, base: base.id, spec_id: spec.id }, law);
      return {
        type: 'task-admitted',
        at_ms,
        base: base.id,
        spec_id: spec.id,
        spec_sha256: specSha256,
        policy_sha256: policySha256,
      };
    });
  } catch (error) {
    if (!isFault(error) || !refusals.has(error.code)) throw error;
    return { type: 'admission-refused', at_ms, reason: reasonOf(error) };
  }
}

/** A base that was settled stays; else the one that was asked for, the protected ref, or HEAD. */
async function findBase(git: GitSession, task: Task): Promise<CommitFacts> {
  const named = task.base ?? task.request.base;
  if (named !== null) return git.resolveCommit(named);
  return git.resolveCommit((await git.protectedTip())?.commit ?? 'HEAD');
}

/** The law of an admitted task: as an earlier stage of this leg has just read it, else read from its base. */
export async function lawOfTask(
  world: TaskWorld,
  task: Task,
  { signal, cases }: Pick<StageContext, 'signal' | 'cases'>,
): Promise<Constitution> {
  const held = cases.findLaw(task);
  if (held !== null) return held;
  const law = await useRepository(world.ports, task.request.repository, signal, async (git) =>
    readLaw(world, git, await git.resolveCommit(task.base ?? 'HEAD'), task.spec_id),
  );
  cases.keepLaw(task, law);
  return law;
}

/** The constitution at a base, before there is a change. */
export async function readLaw(
  { ports }: TaskWorld,
  git: GitSession,
  base: CommitFacts,
  spec: string | null,
): Promise<Constitution> {
  const nothing = { base, head: null, tree: base.tree };
  return admit(ports, git, nothing, { spec: spec ?? undefined, needsSpec: true, workers: [] });
}
