import type { Verdict } from '../../../core/caws/verdict/verdict.js';
import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import type { CommitFacts, GitSession } from '../../../ports/git.js';
import { type VerdictKey, loadLogSigner, loadVerdictKey } from '../../adjudicate/load-verdict-key.js';
import { logContents } from '../../contents/log-contents.js';
import { refuseRolledBack } from '../../ledger/recorded-checkpoint.js';
import { logWaiver } from '../../waivers/log-waiver.js';
import { recordBundle } from '../../verdict/record-bundle.js';
import { recordVerdict } from '../../verdict/record-verdict.js';
import { readStoredVerdict } from '../../verdict/stored-verdict.js';
import { caseKey } from '../held-cases.js';
import type { StageContext } from '../stages.js';
import { readLaw } from './admit-task.js';
import type { TaskWorld } from './task-world.js';

/** Where the candidate of a task is kept in its repository. */
function refOf(taskId: string): string {
  return `refs/arbiter/tasks/${taskId}`;
}

/**
 * Signs and writes the verdict that the story holds, and keeps a candidate that a human may want. Done twice it writes
 * the same bytes: Ed25519 signs deterministically, and the commit takes its time from the verdict.
 */
export async function recordTaskVerdict(world: TaskWorld, task: Task, context: StageContext): Promise<TaskEvent> {
  const { ports, tasks } = world;
  const verdict = await readStoredVerdict({ tasks, documents: ports.documents }, task.verdict?.sha256 ?? '');
  const diff = verdict.change?.diff_sha256 ?? null;
  const patch = diff === null ? null : await tasks.getContent(diff);
  const desk = await openDesk(world, task, verdict, context);
  try {
    const outDir = `${ports.places.stateHome}/verdicts/${task.id}/${task.attempt}-${task.chosen ?? 0}`;
    await removeBrokenOff(ports, outDir);
    if (patch !== null) await ports.files.replaceFile(`${outDir}/change.diff`, patch);
    const written = await recordVerdict({ verdict, signer: desk.key?.signer ?? null, outDir }, ports.files);
    if (written.signaturePath !== null) await enterLog(world, { task, verdict, desk, outDir }, context);
    for (const { id, single_use: use } of verdict.waivers) {
      if (use === 'enforced') await logWaiver(world, verdict.repo_id, id);
    }
    const keeps = verdict.verdict !== 'FAIL' && patch !== null;
    const commit = !keeps
      ? null
      : await desk.git.keepCandidate({
          base: desk.base.id,
          change: desk.tree === null ? { patch } : { tree: desk.tree },
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
  } finally {
    await desk.git.close();
  }
}

/** Enters a signed verdict into the log, where this machine has a key for one. */
async function enterLog(
  { ports, ledger, tasks }: TaskWorld,
  record: { readonly task: Task; readonly verdict: Verdict; readonly desk: Desk; readonly outDir: string },
  context: StageContext,
): Promise<void> {
  const { task, verdict, desk, outDir } = record;
  const logSigner = await loadLogSigner(ports, desk.git, task.request.key ?? undefined);
  if (desk.key === null || logSigner === null) {
    context.tell('note', 'the verdict is not in the ledger: this machine has no log key; arbiter init makes one');
    return;
  }
  await refuseRolledBack(ledger, desk.git);
  const { index } = await recordBundle(
    { verdict, signer: desk.key.signer, logSigner, outDir },
    { files: ports.files, ledger },
  );
  if (index === null) return;
  await logContents({ tasks, ledger, documents: ports.documents }, { taskId: task.id, verdictId: verdict.verdict_id });
  context.tell('note', `the verdict is entry ${index} of the ledger`);
}

/** What signing and keeping need. The tree is null where it has to be made of the patch again. */
interface Desk {
  readonly git: GitSession;
  readonly base: CommitFacts;
  readonly key: VerdictKey | null;
  readonly tree: string | null;
}

/** The case that its judge has left, when it is the verdict's own; else everything is read from the base again. */
async function openDesk(world: TaskWorld, task: Task, verdict: Verdict, context: StageContext): Promise<Desk> {
  const { ports } = world;
  const held = context.cases.take(caseKey(task, task.chosen ?? 0));
  if (held !== null && held.opened.candidate.tree === verdict.change?.tree) {
    const { candidate, key } = held.opened;
    return { git: held.git, base: candidate.base, key, tree: candidate.tree };
  }
  await held?.git.close();
  const git = await ports.git.open(task.request.repository, { signal: context.signal });
  try {
    const base = await git.resolveCommit(task.base ?? 'HEAD');
    const law = await readLaw(world, git, base, task.spec_id);
    const key = await loadVerdictKey(ports, git, task.request.key ?? undefined, law);
    return { git, base, key, tree: null };
  } catch (error) {
    await git.close();
    throw error;
  }
}

/** Whoever was killed as it wrote here has left a file in the making. */
async function removeBrokenOff({ files }: TaskWorld['ports'], folder: string): Promise<void> {
  const left = (await files.list(folder)).filter((name) => name.startsWith('.') && name.endsWith('.tmp'));
  for (const name of left) await files.removeFile(`${folder}/${name}`);
}

function messageOf(task: Task, verdictId: string): string {
  const subject = (task.request.words.split('\n')[0] ?? '').slice(0, 72);
  return `${subject}\n\nCandidate of task ${task.id}, not landed.\n\nCAWS-VERDICT-ID: ${verdictId}\n`;
}
