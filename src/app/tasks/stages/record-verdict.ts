import { verdictSchema } from '../../../core/caws/verdict/verdict.js';
import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import { loadVerdictKey } from '../../adjudicate/load-verdict-key.js';
import { useRepository } from '../../use-repository.js';
import { recordVerdict } from '../../verdict/record-verdict.js';
import type { StageContext } from '../stages.js';
import { readLaw } from './admit-task.js';
import type { TaskWorld } from './task-world.js';

/** Where the candidate of a task is kept in its repository. */
export function refOf(taskId: string): string {
  return `refs/arbiter/tasks/${taskId}`;
}

/**
 * Signs and writes the verdict that the story holds, and keeps a candidate that a human may want. Done twice it writes
 * the same bytes: Ed25519 signs deterministically, and the commit takes its time from the verdict.
 */
export async function recordTaskVerdict(world: TaskWorld, task: Task, { signal }: StageContext): Promise<TaskEvent> {
  const { ports, tasks } = world;
  const sha256 = task.verdict?.sha256 ?? '';
  const document = ports.documents.read(await tasks.getContent(sha256), 'verdict.yaml');
  const verdict = verdictSchema.parse(document.value);
  return useRepository(ports, task.request.repository, signal, async (git) => {
    const base = await git.resolveCommit(task.base ?? 'HEAD');
    const law = await readLaw(world, git, base, task.spec_id);
    const key = await loadVerdictKey(ports, git, task.request.key ?? undefined, law);
    const outDir = `${ports.places.stateHome}/verdicts/${task.id}/${task.attempt}-${task.chosen ?? 0}`;
    const diff = verdict.change?.diff_sha256 ?? null;
    if (diff !== null) await ports.files.replaceFile(`${outDir}/change.diff`, await tasks.getContent(diff));
    const written = await recordVerdict({ verdict, signer: key?.signer ?? null, outDir }, ports.files);
    const keeps = verdict.verdict !== 'FAIL' && diff !== null;
    const commit = !keeps
      ? null
      : await git.keepCandidate({
          base: base.id,
          change: { patch: await tasks.getContent(diff) },
          ref: refOf(task.id),
          expectedOld: task.kept?.commit ?? null,
          message: messageOf(task, verdict.verdict_id),
          atMs: Date.parse(verdict.clock.wall),
        });
    return {
      type: 'verdict-recorded',
      at_ms: ports.clock.nowMs(),
      files: { verdict: written.verdictPath, signature: written.signaturePath },
      kept: commit === null ? task.kept : { ref: refOf(task.id), commit },
    };
  });
}

function messageOf(task: Task, verdictId: string): string {
  const subject = (task.request.words.split('\n')[0] ?? '').slice(0, 72);
  return `${subject}\n\nCandidate of task ${task.id}, not landed.\n\nCAWS-VERDICT-ID: ${verdictId}\n`;
}
