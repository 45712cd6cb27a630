import { ByteSource } from './byte-source.js';
import { contradiction } from './git-fault.js';
import type { DiffAnswer, DiffTeller } from './diff-teller.js';
import { DIFF_OPTIONS, readRawEntries, type RawEntry } from './raw-diff.js';
import { readSections, type PatchSection } from './read-patch.js';

/** A section of a file that changes its type comes twice: what it was goes, what it is comes. */
function sectionsOf(entry: RawEntry): number {
  return entry.status === 'T' ? 2 : 1;
}

/** What differs between two trees: first all entries, then, one at a time, the changed lines of each. */
export class DiffStream {
  readonly #answer: DiffAnswer;
  readonly #source: ByteSource;
  readonly #differs: boolean;

  /** Without counts the entries tell no lines, and git does half the work. */
  constructor(teller: DiffTeller, oldTree: string, newTree: string, options: { readonly counts: boolean }) {
    this.#differs = oldTree !== newTree;
    this.#answer = teller.ask([...DIFF_OPTIONS, ...(options.counts ? ['--numstat'] : [])], oldTree, newTree);
    this.#source = new ByteSource(() => this.#answer.nextChunk());
  }

  /** All entries in git's order. To be read first. @throws GIT_FAILED, GIT_TIMEOUT */
  async entries(): Promise<RawEntry[]> {
    const entries = await readRawEntries(this.#source);
    if (entries.length > 0 || !this.#differs) return entries;
    await this.#answer.finish();
    throw contradiction('git finds no difference between two different trees');
  }

  /**
   * The changed lines of each entry, in the same order, `keepBytes` of text a side at most; beyond, a side is empty and
   * marked. @throws GIT_FAILED, GIT_TIMEOUT, at the latest when all is read
   */
  async *lines(entries: readonly RawEntry[], keepBytes: number): AsyncGenerator<[RawEntry, PatchSection]> {
    const sections = readSections(this.#source, keepBytes);
    for (const entry of entries) {
      const first = await this.#next(sections);
      const second = sectionsOf(entry) === 2 ? await this.#next(sections) : null;
      const section = second === null ? first : joined(first, second);
      yield [entry, section];
    }
    const rest = await sections.next();
    await this.#answer.finish();
    if (rest.done !== true) throw contradiction('git diff-tree gave a patch of more files than it listed');
  }

  /** Lets git go, also in the middle. */
  async close(): Promise<void> {
    await this.#answer.close();
  }

  async #next(sections: AsyncGenerator<PatchSection>): Promise<PatchSection> {
    const step = await sections.next();
    if (step.done !== true) return step.value;
    await this.#answer.finish();
    throw contradiction('git diff-tree gave a patch of fewer files than it listed');
  }
}

function joined(gone: PatchSection, come: PatchSection): PatchSection {
  return {
    added: come.added,
    addedOver: come.addedOver,
    removed: gone.removed,
    removedOver: gone.removedOver,
    addedCount: come.addedCount,
    removedCount: gone.removedCount,
    longLineSurplus: gone.longLineSurplus + come.longLineSurplus,
  };
}

/**
 * The patch and the numstat are two answers to one question; of a changed type git counts and shows different things.
 * @throws GIT_FAILED when they differ
 */
export function checkCounts(
  counted: { readonly status: string; readonly added: number; readonly removed: number },
  { addedCount, removedCount }: PatchSection,
): void {
  if (counted.status === 'T' || (counted.added === addedCount && counted.removed === removedCount)) return;
  throw contradiction('git counted other lines than it showed');
}
