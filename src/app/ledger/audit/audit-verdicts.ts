import { z } from 'zod';
import { nameClock } from '../../../core/caws/verdict/name-clock.js';
import type { Verdict } from '../../../core/caws/verdict/verdict.js';
import { digestBytes } from '../../../core/digest.js';
import { isFault } from '../../../core/fault.js';
import type { NoteKey } from '../../../core/ledger/note.js';
import { contentsEntrySchema, contentsKind } from '../../../core/records/content-entries.js';
import { envelopeEntryKind } from '../../../core/records/record-entry.js';
import { encodeStatement, makeStatement } from '../../../core/records/statement.js';
import type { GitSession } from '../../../ports/git.js';
import type { Ports } from '../../../ports/ports.js';
import type { TaskStore } from '../../../ports/task-store.js';
import type { TrustedKeyring } from '../../verdict/load-keyring.js';
import { verifyVerdict } from '../../verdict/verify-verdict.js';
import { type Auditor, type ReadEntry, sayCheck } from './audit-check.js';

/** The repository whose verdicts are checked, and by what. */
export interface AuditGround {
  readonly git: GitSession;
  readonly repositoryId: string;
  readonly keyring: TrustedKeyring;
  readonly logKey: NoteKey | null;
}

const recordedSchema = z.object({ payloadHash: z.object({ value: z.string() }) });
const publicationSchema = z.object({ verdict_id: z.string(), commit: z.string(), parents: z.array(z.string()) });

/**
 * Whether each verdict of the repository that the log holds is still on disk with a bundle, a statement and signatures
 * that hold, by a key that was good when it was entered. Commits of its publications have to be what was judged.
 */
export function auditVerdicts(
  ports: Ports,
  tasks: TaskStore,
  ground: AuditGround,
): { readonly verdicts: Auditor; readonly publications: Auditor } {
  const problems: string[] = [];
  const notes: string[] = [];
  /** Payload hashes of entries whose contents entry, which comes later, has not been seen. */
  const waiting = new Map<string, { readonly read: ReadEntry; readonly payload: string }>();
  const judged = new Map<string, Pick<Verdict, 'change' | 'repo_id'>>();
  const enteredMs: number[] = [];
  const takeContents = async ({ entry }: ReadEntry): Promise<void> => {
    const said = contentsEntrySchema.safeParse(entry.spec);
    const verdictId = said.success ? said.data.verdict_id : '';
    const recorded = waiting.get(verdictId);
    if (!said.success || recorded === undefined) return;
    waiting.delete(verdictId);
    const found = await findVerdict(ports, tasks, ground, { ...recorded, verdictId, taskId: said.data.task_id });
    problems.push(...found.problems.map((why) => `entry ${recorded.read.index}, verdict ${verdictId}: ${why}`));
    if (found.verdict === null) return;
    judged.set(verdictId, found.verdict);
    const odd = nameClock(found.verdict.clock, enteredMs);
    if (odd !== null) notes.push(`entry ${recorded.read.index}, verdict ${verdictId}: ${odd}`);
  };
  const verdicts: Auditor = {
    async take(read) {
      enteredMs[read.index] = read.atMs;
      if (read.entry.kind === contentsKind) await takeContents(read);
      const said = read.entry.kind === envelopeEntryKind.kind ? recordedSchema.safeParse(read.entry.spec) : null;
      if (said?.success === true) {
        waiting.set(read.key.replace(/\/verdict$/, ''), { read, payload: said.data.payloadHash.value });
      }
    },
    async end() {
      for (const [id, { read }] of waiting) {
        notes.push(`entry ${read.index}, verdict ${id}: no entry names its task, so that its files are not looked for`);
      }
      const mine = [...judged.values()].filter(({ repo_id: id }) => id === ground.repositoryId).length;
      const others = judged.size - mine;
      if (others > 0) notes.push(`${others} verdicts are of other repositories: name each with -C`);
      return sayCheck('verdicts', `${mine} verdicts of this repository, bundle, statement and signatures`, {
        problems,
        notes,
      });
    },
  };
  return { verdicts, publications: auditPublications(ground, judged) };
}

function auditPublications(
  { git, repositoryId }: AuditGround,
  judged: ReadonlyMap<string, Pick<Verdict, 'change' | 'repo_id'>>,
): Auditor {
  const problems: string[] = [];
  const notes: string[] = [];
  let count = 0;
  return {
    async take({ index, entry }) {
      if (entry.kind !== 'caws-publication' && entry.kind !== 'caws-readjudication') return;
      const said = publicationSchema.safeParse(entry.spec);
      const verdict = said.success ? judged.get(said.data.verdict_id) : undefined;
      if (!said.success) problems.push(`entry ${index} cannot be read`);
      else if (verdict === undefined) notes.push(`entry ${index}: verdict ${said.data.verdict_id} is not known here`);
      else if (verdict.repo_id === repositoryId) {
        count += 1;
        const wrong = await compareCommit(git, said.data, verdict.change?.tree ?? null);
        if (wrong !== null) problems.push(`entry ${index}, commit ${said.data.commit}: ${wrong}`);
      }
    },
    end: async () =>
      sayCheck('publications', `${count} commits, each with the tree and the parents that were judged`, {
        problems,
        notes,
      }),
  };
}

async function compareCommit(
  git: GitSession,
  { commit, parents }: z.infer<typeof publicationSchema>,
  tree: string | null,
): Promise<string | null> {
  try {
    const found = await git.resolveCommit(commit);
    if (found.tree !== tree) return `its tree is ${found.tree}, and ${tree ?? 'none'} was judged`;
    return found.parents.join() === parents.join() ? null : `its parents are ${found.parents.join(', ')}`;
  } catch (error) {
    if (isFault(error, 'UNKNOWN_REVISION')) return 'it is not in this repository';
    throw error;
  }
}

async function findVerdict(
  ports: Ports,
  tasks: TaskStore,
  ground: AuditGround,
  recorded: { readonly read: ReadEntry; readonly payload: string; readonly verdictId: string; readonly taskId: string },
): Promise<{ readonly verdict: Verdict | null; readonly problems: readonly string[] }> {
  const { read, payload, verdictId, taskId } = recorded;
  const { git: _, ...trust } = ground;
  const asked = { ...trust, keyringSource: 'the keyring', nowMs: read.atMs, ledgerIndex: read.index };
  try {
    for (const { event } of await tasks.readEvents(taskId)) {
      if (event.type !== 'verdict-recorded') continue;
      const file = event.files.verdict;
      const found = await verifyVerdict({ ...asked, file }, ports);
      if (found.verdict?.verdict_id !== verdictId) continue;
      // The keyring of this repository says nothing of another's.
      if (found.verdict.repo_id !== ground.repositoryId) return { verdict: found.verdict, problems: [] };
      const problems = found.checks
        .filter(({ passed }) => passed === false)
        .map(({ check, detail }) => `${check}: ${detail}`);
      const isSame = digestBytes(encodeStatement(makeStatement(found.verdict))) === payload;
      return { verdict: found.verdict, problems: isSame ? problems : [...problems, `${file} is not what was entered`] };
    }
    return { verdict: null, problems: [`no recorded file of task ${taskId} holds it`] };
  } catch (error) {
    if (isFault(error, 'FILE_MISSING') || isFault(error, 'TASK_UNKNOWN'))
      return { verdict: null, problems: [error.message] };
    throw error;
  }
}
