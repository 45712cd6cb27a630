import { isFault } from '../../core/fault.js';
import type { CommitFacts, Landed, Landing, LandingEvidence, RecordEntry } from '../../ports/git.js';
import { refuseCheckedOut } from './checked-out.js';
import { composeCommit, signCommit } from './commit-object.js';
import { editTree, type TreeEdit } from './edit-tree.js';
import { readFileOf } from './find-entry.js';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';
import { type Keeping, notWritten, writeNewObjects } from './keep-candidate.js';
import type { Repository } from './locate-repository.js';
import { nameObject, type NewObject, writeLooseObject } from './loose-objects.js';
import { noteChange } from './note-change.js';
import { checkBranchRef, type RefChange } from './update-ref.js';

/** Two who publish at the same time both write the record: the second builds on what the first has left. */
export const RECORD_TRIES = 8;

/** What stands in the way of asking whether a commit is reached. */
export interface LandingPlace extends Keeping {
  readonly isAncestor: (ancestor: string, descendant: string) => Promise<boolean>;
}

/**
 * Lands a judged tree: objects first, then the branch and the record in one transaction of compare-and-swap. The commit
 * is a function of the landing alone, so that one who begins again finds what was done; whatever breaks off before the
 * transaction leaves only objects that nothing names. @throws REF_MOVED, BRANCH_CHECKED_OUT, GIT_FAILED
 */
export async function landCommit(
  place: LandingPlace,
  repository: Repository,
  base: CommitFacts,
  landing: Landing,
): Promise<Landed> {
  const commit = await makeCommit(place, landing, { ...landing, parent: base.id });
  const reached = async (step: Parameters<NonNullable<Landing['onStep']>>[0]): Promise<void> => landing.onStep?.(step);
  const branch = await branchChange(place, base, landing, commit.id);
  if (branch !== null) refuseCheckedOut(repository, branch.ref);
  await writing(place, () => writeNewObjects(place, base.tree, landing.tree));
  await reached('objects-written');
  await writing(place, () => writeLooseObject(place.store, commit));
  await reached('commit-written');
  const evidence = landing.branch === null ? null : (landing.evidence?.(commit.id) ?? null);
  for (let tries = 1; ; tries += 1) {
    const { tip, change: record } = await recordChange(place, landing, entriesOf(landing, commit.id, evidence));
    const note = await addNote(place, landing, commit.id, evidence);
    await reached('record-written');
    const changes = [branch, record, note.change].filter((change) => change !== null);
    if (changes.length === 0) return { commit: commit.id, record: tip ?? '', changed: false };
    try {
      await place.refs.setAll([...guardOf(base, landing, branch), ...changes], () => reached('refs-prepared'));
    } catch (error) {
      if (!isFault(error, 'GIT_FAILED')) throw error;
      await refuseMoved(place, base, landing, branch, error);
      const stands = (await tipOf(place, landing.record.ref)) === tip && (await stillAt(place, note));
      if (tries >= RECORD_TRIES || stands) throw error;
      continue;
    }
    await reached('refs-set');
    return { commit: commit.id, record: record?.to ?? tip ?? '', changed: true };
  }
}

/** Told in the same transaction, so that no commit of ours is ever seen without what is told of it. */
async function addNote(
  place: LandingPlace,
  landing: Landing,
  commit: string,
  evidence: LandingEvidence | null,
): Promise<Noted> {
  if (evidence === null) return { ref: null, tip: null, change: null };
  const { ref, bytes } = evidence.note;
  const make = (text: Parameters<typeof composeCommit>[0]): Promise<NewObject> => makeCommit(place, landing, text);
  const noted = await writing(place, () => noteChange(place, { ref, commit, bytes, atMs: landing.atMs, make }));
  return { ref, ...noted };
}

interface Noted {
  readonly ref: string | null;
  readonly tip: string | null;
  readonly change: (RefChange & { readonly to: string }) | null;
}

async function stillAt(place: LandingPlace, { ref, tip }: Noted): Promise<boolean> {
  return ref === null || (await tipOf(place, ref)) === tip;
}

async function makeCommit(
  place: Keeping,
  { sign }: Pick<Landing, 'sign'>,
  text: Parameters<typeof composeCommit>[0],
): Promise<NewObject> {
  const unsigned = composeCommit(text);
  const signed = signCommit(unsigned, await sign(unsigned), place.objectFormat);
  return nameObject(place.objectFormat, 'commit', signed);
}

/** How the branch is to move; null where none is, or where it holds the commit already. @throws REF_MOVED */
async function branchChange(
  place: LandingPlace,
  base: CommitFacts,
  landing: Landing,
  commit: string,
): Promise<(RefChange & { readonly to: string }) | null> {
  const { branch } = landing;
  if (branch === null) return null;
  const ref = checkBranchRef(branch.ref);
  const tip = await tipOf(place, ref);
  const isThere = (await place.objects.read(commit)) !== null;
  if (tip !== null && isThere && (await place.isAncestor(commit, tip))) return null;
  await refuseMoved(place, base, landing, { ref, to: commit, expected: branch.expectedOld });
  return { ref, to: commit, expected: branch.expectedOld };
}

/** @throws REF_MOVED when the branch or the protected ref stands elsewhere than the landing says */
async function refuseMoved(
  place: LandingPlace,
  base: CommitFacts,
  { branch }: Landing,
  change: RefChange | null,
  cause?: unknown,
): Promise<void> {
  if (change === null || branch === null) return;
  const stands: [string, string | null][] = [[change.ref, change.expected]];
  if (branch.protectedRef !== null) stands.push([branch.protectedRef, base.id]);
  for (const [ref, expected] of stands) {
    const tip = await tipOf(place, ref);
    if (tip === expected) continue;
    throw gitFault('REF_MOVED', `${ref} stands at ${tip ?? 'nothing'}, not at ${expected ?? 'nothing'}`, {
      mend: 'look at what came in between with git log',
      cause,
    });
  }
}

/** Holds the protected ref to the base while the branch is moved, unless they are the same. */
function guardOf(base: CommitFacts, { branch }: Landing, change: RefChange | null): RefChange[] {
  if (change === null || branch === null || branch.protectedRef === null) return [];
  return branch.protectedRef === change.ref ? [] : [{ ref: branch.protectedRef, to: null, expected: base.id }];
}

function entriesOf(
  { record, branch }: Landing,
  commit: string,
  evidence: LandingEvidence | null,
): ReadonlyMap<string, Uint8Array> {
  const entries = new Map([...record.files, ...(evidence?.files ?? [])]);
  if (branch !== null) entries.set(`commits/${commit}`, Buffer.from(record.commitText));
  return entries;
}

/** The next state of the record; no change where it holds everything already. */
export async function recordChange(
  place: Keeping,
  entry: RecordEntry,
  entries: ReadonlyMap<string, Uint8Array>,
): Promise<{ readonly tip: string | null; readonly change: (RefChange & { readonly to: string }) | null }> {
  const { ref, message } = entry.record;
  const tip = await tipOf(place, ref);
  const missing: [string, Uint8Array][] = [];
  for (const [path, bytes] of entries) {
    if (!(await holds(place, tip, path, bytes))) missing.push([path, bytes]);
  }
  if (missing.length === 0) return { tip, change: null };
  const to = await writing(place, () => writeRecord(place, entry, tip, missing, `${message}\n`));
  return { tip, change: { ref, to, expected: tip } };
}

async function holds(place: Keeping, tip: string | null, path: string, bytes: Uint8Array): Promise<boolean> {
  const there = tip === null ? null : await readFileOf(place.objects, tip, path);
  if (there === null) return false;
  if (Buffer.from(there).equals(bytes)) return true;
  throw gitFault('REF_MOVED', `the record holds another ${path} already`, {
    mend: 'a record is never overwritten: look at refs/caws/ledger with git log',
    place: { file: path },
  });
}

async function writeRecord(
  place: Keeping,
  landing: RecordEntry,
  tip: string | null,
  files: readonly [string, Uint8Array][],
  message: string,
): Promise<string> {
  const edits: TreeEdit[] = [];
  for (const [path, bytes] of files) {
    const blob = nameObject(place.objectFormat, 'blob', bytes);
    await writeLooseObject(place.store, blob);
    edits.push({ path, entry: { mode: '100644', id: blob.id } });
  }
  const keep = (object: NewObject): Promise<void> => writeLooseObject(place.store, object);
  const before = tip === null ? null : ((await place.objects.read(`${tip}^{tree}`))?.id ?? null);
  const tree = await editTree(place.objects, before, edits, { format: place.objectFormat, keep });
  const commit = await makeCommit(place, landing, { tree, parent: tip, message, atMs: landing.atMs });
  await writeLooseObject(place.store, commit);
  return commit.id;
}

export async function tipOf(place: Keeping, ref: string): Promise<string | null> {
  return (await place.objects.read(ref))?.id ?? null;
}

async function writing<Result>(place: Keeping, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    throw isFsError(error) ? notWritten(place.store, error) : error;
  }
}
