import { lstatSync, mkdirSync, writeFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { CommitFacts } from '../../ports/git.js';
import { checkOut } from './check-out.js';
import { isFsError } from './fs-error.js';
import { gitFault } from './git-fault.js';
import { buildIndex, type IndexEntry } from './index-file.js';
import { nameObject, writeLooseObject } from './loose-objects.js';
import type { ObjectReader } from './object-reader.js';
import { FOLDER, readTrees } from './read-trees.js';
import { collectGit, type GitCommand } from './spawn-git.js';

const SUBMODULE = '160000';
const BRANCH = 'refs/heads/main';
/** Says nothing about who or when: the same tree gives the same commit everywhere. */
const IDENTITY = 'Arbiter <arbiter@localhost> 946684800 +0000';

export interface ClonePlan {
  readonly commit: CommitFacts;
  readonly directory: string;
  /** What the work tree holds, where that is not the commit's tree: the difference is uncommitted work. */
  readonly workTree: string;
  readonly objectFormat: 'sha1' | 'sha256';
}

/** Everything that a tree holds: its own objects in an order that suits a pack, and its files. */
interface Contents {
  readonly objects: readonly string[];
  readonly files: readonly IndexEntry[];
}

/**
 * Makes a repository of its own in an empty directory: one commit without parents that holds the commit's tree, on
 * branch main, nothing borrowed and nothing configured but a name to commit by; the files are checked out beside it.
 * @throws GIT_FAILED
 */
export async function cloneCommit(git: GitCommand, objects: ObjectReader, plan: ClonePlan): Promise<void> {
  const { commit, directory, objectFormat } = plan;
  const [contents] = await Promise.all([
    readContents(objects, commit.tree),
    checkOut(git, objects, plan.workTree, directory),
  ]);
  const gitDir = join(directory, '.git');
  try {
    const store = join(gitDir, 'objects');
    for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info']) {
      mkdirSync(join(gitDir, folder), { recursive: true });
    }
    await packObjects(git, contents.objects, store);
    const head = nameObject(objectFormat, 'commit', commitBytes(commit.tree));
    await writeLooseObject(store, head);
    writeFileSync(join(gitDir, BRANCH), `${head.id}\n`);
    writeFileSync(join(gitDir, 'config'), configOf(objectFormat));
    // Git would take a file that is uncommitted work for unchanged if the index knew its size and times.
    const statsOf = plan.workTree === commit.tree ? statsIn(directory) : undefined;
    writeFileSync(join(gitDir, 'index'), buildIndex(objectFormat, contents.files, statsOf));
    // Last: it is what makes the folder a repository.
    writeFileSync(join(gitDir, 'HEAD'), `ref: ${BRANCH}\n`);
  } catch (error) {
    if (!isFsError(error)) throw error;
    throw gitFault('GIT_FAILED', `the clone cannot be written: ${error.message}`, {
      mend: 'check the space and the rights in the directory',
      place: { file: directory },
      cause: error,
    });
  }
}

async function readContents(objects: ObjectReader, tree: string): Promise<Contents> {
  const ids = new Set<string>([tree]);
  const files: IndexEntry[] = [];
  let level = [{ id: tree, path: '' }];
  while (level.length > 0) {
    const trees = await readTrees(
      objects,
      level.map(({ id }) => id),
    );
    const next: typeof level = [];
    for (const { id, path } of level) {
      for (const item of trees.get(id) ?? []) {
        const place = `${path}${item.name}`;
        if (item.mode !== SUBMODULE) ids.add(item.id);
        if (item.mode === FOLDER) next.push({ id: item.id, path: `${place}/` });
        else files.push({ path: place, mode: item.mode, id: item.id });
      }
    }
    level = next;
  }
  return { objects: [...ids], files };
}

async function packObjects(git: GitCommand, ids: readonly string[], store: string): Promise<void> {
  const input = Buffer.from(ids.map((id) => `${id}\n`).join(''));
  await collectGit(git, ['pack-objects', '-q', '--window=0', join(store, 'pack', 'pack')], { input });
}

function commitBytes(tree: string): Buffer {
  return Buffer.from(`tree ${tree}\nauthor ${IDENTITY}\ncommitter ${IDENTITY}\n\nbase\n`);
}

function configOf(objectFormat: 'sha1' | 'sha256'): string {
  const version = objectFormat === 'sha256' ? 1 : 0;
  const extensions = objectFormat === 'sha256' ? '[extensions]\n\tobjectFormat = sha256\n' : '';
  return `[core]\n\trepositoryformatversion = ${version}\n\tfilemode = true\n\tbare = false\n[user]\n\tname = agent\n\temail = agent@localhost\n[gc]\n\tauto = 0\n${extensions}`;
}

/** What lets git know the commit's files without reading them again; submodules and files that are gone have none. */
function statsIn(directory: string): (entry: IndexEntry) => Stats | null {
  const root = Buffer.from(`${directory}/`);
  return ({ path, mode }) =>
    mode === SUBMODULE
      ? null
      : (lstatSync(Buffer.concat([root, Buffer.from(path, 'latin1')]), { throwIfNoEntry: false }) ?? null);
}
