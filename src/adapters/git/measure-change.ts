import { totalChange, type Change } from '../../core/caws/change.js';
import type { CommitFacts } from '../../ports/git.js';
import { checkTrees } from './check-trees.js';
import type { DiffTeller } from './diff-teller.js';
import { checkCounts, DiffStream } from './diff-stream.js';
import { digestContent } from './digest-content.js';
import type { ObjectReader } from './object-reader.js';
import { toChangedFiles } from './pair-renames.js';
import type { RawEntry } from './raw-diff.js';

export interface Sides {
  readonly base: CommitFacts;
  readonly tree: string;
  readonly head: string | null;
}

/**
 * Measures a tree against a commit: lines as `git diff-tree -r --numstat --no-renames` counts them, but none for a
 * rename with the same blob. Memory grows with the number of changed paths, not with their size.
 * @throws GIT_FAILED, GIT_TIMEOUT
 */
export async function measureChange(diffs: DiffTeller, objects: ObjectReader, sides: Sides): Promise<Change> {
  const { base, tree, head } = sides;
  const diff = new DiffStream(diffs, base.tree, tree, { counts: true });
  try {
    const entries = await diff.entries();
    await checkTrees(objects, { before: base.tree, after: tree }, entries);
    // Content does not wait for the lines: both processes work at the same time.
    const counted = toChangedFiles(entries, () => 0);
    const [surplus, contentSha256] = await settleBoth(readSurplus(diff, entries), digestContent(objects, counted));
    const files = surplus.size === 0 ? counted : toChangedFiles(entries, (entry) => surplus.get(entry) ?? 0);
    return { base: base.id, baseTree: base.tree, head, tree, contentSha256, files, totals: totalChange(files) };
  } finally {
    await diff.close();
  }
}

/** Waits for both even when one fails, so that nothing runs on behind the fault. */
async function settleBoth<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [one, two] = await Promise.allSettled([first, second]);
  if (one.status === 'rejected') throw one.reason;
  if (two.status === 'rejected') throw two.reason;
  return [one.value, two.value];
}

/** Entries whose changed lines count for more than one each. */
async function readSurplus(diff: DiffStream, entries: readonly RawEntry[]): Promise<Map<RawEntry, number>> {
  const surplus = new Map<RawEntry, number>();
  for await (const [entry, section] of diff.lines(entries, 0)) {
    checkCounts(entry, section);
    if (section.longLineSurplus > 0) surplus.set(entry, section.longLineSurplus);
  }
  return surplus;
}
