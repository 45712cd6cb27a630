import { isFault } from '../../core/fault.js';
import type { composeCommit } from './commit-object.js';
import { editTree } from './edit-tree.js';
import { readFileOf } from './find-entry.js';
import type { Keeping } from './keep-candidate.js';
import { nameObject, type NewObject, writeLooseObject } from './loose-objects.js';
import type { RefChange } from './update-ref.js';

/** Git spreads many notes over folders of two digits; it finds one wherever it lies. @see git-notes(1) */
const fanouts = [0, 1, 2, 3];

/** A note on a commit, and who makes the commit that holds it. */
export interface NoteToAdd {
  readonly ref: string;
  readonly commit: string;
  readonly bytes: Uint8Array;
  readonly atMs: number;
  readonly make: (text: Parameters<typeof composeCommit>[0]) => Promise<NewObject>;
}

/**
 * The next state of a ref of notes; no change where the commit has a note already, whoever wrote it: evidence is never
 * written over. A ref that holds no notes as git knows them is left alone, too.
 * @throws GIT_FAILED
 */
export async function noteChange(
  place: Keeping,
  { ref, commit, bytes, atMs, make }: NoteToAdd,
): Promise<{ readonly tip: string | null; readonly change: (RefChange & { readonly to: string }) | null }> {
  const found = await place.objects.read(ref);
  const tip = found?.id ?? null;
  if (found !== null && (found.type !== 'commit' || (await hasNote(place, found.id, commit))))
    return { tip, change: null };
  const blob = nameObject(place.objectFormat, 'blob', bytes);
  await writeLooseObject(place.store, blob);
  const keep = (object: NewObject): Promise<void> => writeLooseObject(place.store, object);
  const before = tip === null ? null : ((await place.objects.read(`${tip}^{tree}`))?.id ?? null);
  const edit = { path: commit, entry: { mode: '100644', id: blob.id } };
  const tree = await editTree(place.objects, before, [edit], { format: place.objectFormat, keep });
  const made = await make({ tree, parent: tip, message: 'Notes added by arbiter publish\n', atMs });
  await writeLooseObject(place.store, made);
  return { tip, change: { ref, to: made.id, expected: tip } };
}

async function hasNote({ objects }: Keeping, notes: string, commit: string): Promise<boolean> {
  for (const depth of fanouts) {
    const folders = Array.from({ length: depth }, (_, index) => `${commit.slice(2 * index, 2 * index + 2)}/`).join('');
    try {
      if ((await readFileOf(objects, notes, `${folders}${commit.slice(2 * depth)}`)) !== null) return true;
    } catch (error) {
      // What is no file there is no note of ours, and not ours to replace.
      if (!isFault(error, 'GIT_FAILED')) throw error;
      return true;
    }
  }
  return false;
}
