import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFault, type Place } from '../../core/fault.js';
import type { CommitFacts } from '../../ports/git.js';
import { editTree, type TreeEdit } from './edit-tree.js';
import { gitFault } from './git-fault.js';
import { buildIndex, type IndexEntry, readIndex } from './index-file.js';
import { listEntries } from './list-files.js';
import { writeLooseObject } from './loose-objects.js';
import type { ObjectReader } from './object-reader.js';
import type { TreeItem } from './read-trees.js';
import { collectGit, type GitCommand } from './spawn-git.js';

/** A base's tree as its entries and as an index. */
interface BaseIndex {
  readonly tree: string;
  readonly entries: ReadonlyMap<string, TreeItem>;
  readonly bytes: Buffer;
}

/** Applies patches to trees of commits. Remembers the last base: the many patches of a task have one. */
export class PatchSealer {
  readonly #git: GitCommand;
  readonly #objects: ObjectReader;
  readonly #format: 'sha1' | 'sha256';
  #base: Promise<BaseIndex> | null = null;
  #tree = '';

  constructor(git: GitCommand, objects: ObjectReader, format: 'sha1' | 'sha256') {
    this.#git = git;
    this.#objects = objects;
    this.#format = format;
  }

  /**
   * Applies a unified diff (git's or plain, `-p1`) to the base's tree, strictly: no fuzz beyond git's own line offsets,
   * no mending of white space, all of it or nothing; git itself refuses paths outside the tree, through a symlink or
   * `.git`. @throws PATCH_DOES_NOT_APPLY with the file that git names, GIT_FAILED
   */
  async seal(base: CommitFacts, patch: Uint8Array): Promise<string> {
    const { entries, bytes } = await this.#indexOf(base.tree);
    const index = join(this.#git.cwd, `index-${randomUUID()}`);
    try {
      await writeFile(index, bytes);
      const env = { GIT_INDEX_FILE: index };
      const argv = ['apply', '--cached', '--whitespace=nowarn', '-p1', '-'];
      await collectGit(this.#git, argv, { env, input: patch }).catch((error: unknown) => {
        throw isFault(error, 'GIT_FAILED') ? doesNotApply(error) : error;
      });
      const after = readIndex(await readFile(index), this.#format === 'sha1' ? 20 : 32);
      return await this.#write(base.tree, editsBetween(entries, after));
    } finally {
      await rm(index, { force: true });
    }
  }

  #write(tree: string, edits: readonly TreeEdit[]): Promise<string> {
    if (edits.length === 0) return Promise.resolve(tree);
    const store = join(this.#git.cwd, 'objects');
    const keep = (object: Parameters<typeof writeLooseObject>[1]): Promise<void> => writeLooseObject(store, object);
    return editTree(this.#objects, tree, edits, { format: this.#format, keep });
  }

  #indexOf(tree: string): Promise<BaseIndex> {
    if (this.#base !== null && this.#tree === tree) return this.#base;
    const reading = this.#read(tree);
    this.#base = reading;
    this.#tree = tree;
    reading.catch(() => {
      if (this.#base === reading) this.#base = null;
    });
    return reading;
  }

  async #read(tree: string): Promise<BaseIndex> {
    const entries = await listEntries(this.#objects, tree);
    const lines = Array.from(entries, ([path, { mode, id }]) => ({ path, mode, id }));
    return { tree, entries, bytes: buildIndex(this.#format, lines) };
  }
}

function editsBetween(before: ReadonlyMap<string, TreeItem>, after: readonly IndexEntry[]): TreeEdit[] {
  const gone = new Set(before.keys());
  const come: TreeEdit[] = [];
  for (const { path, mode, id } of after) {
    gone.delete(path);
    const was = before.get(path);
    if (was?.id !== id || was.mode !== mode) come.push({ path, entry: { mode, id } });
  }
  return [...Array.from(gone, (path) => ({ path, entry: null })), ...come];
}

const NAMED_FILE = [
  /error: patch failed: (.+):\d+$/m,
  /error: affected file '(.+)' is beyond a symbolic link$/m,
  /error: (.+?): (?:patch does not apply|does not exist in index|already exists in index|does not match index)$/m,
  /invalid path '(.+)'/,
  /error: '(.+)' appears as both a file and as a directory/,
  /error: cannot apply binary patch to '(.+)' without full index line$/m,
];

function placeIn(said: string): { place?: Place } {
  const file = NAMED_FILE.map((pattern) => pattern.exec(said)?.[1]).find((name) => name !== undefined);
  if (file !== undefined) return { place: { file } };
  const [, line] = /corrupt patch at line (\d+)/.exec(said) ?? [];
  return line === undefined ? {} : { place: { line: Number(line) } };
}

function doesNotApply(cause: Error): Error {
  const said = cause.message.replace(/^git apply ended with status \d+: /, '');
  return gitFault('PATCH_DOES_NOT_APPLY', `the patch does not apply: ${said}`, {
    mend: 'make the diff anew against this base (git diff --binary BASE), with paths from the top of the repository',
    ...placeIn(said),
    cause,
  });
}
