import type { Change, ChangedFile } from '../../core/caws/change.js';
import type { FileContent } from '../../ports/git.js';
import type { DiffTeller } from './diff-teller.js';
import { checkCounts, DiffStream } from './diff-stream.js';
import { contradiction } from './git-fault.js';
import { FEW, type ObjectReader } from './object-reader.js';
import { ObjectStream } from './object-stream.js';
import { emptySection, type PatchSection } from './read-patch.js';
import type { RawEntry } from './raw-diff.js';
import type { GitCommand } from './spawn-git.js';

const SUBMODULE = '160000';

/** The blobs to read for a file; of a rename, and where old and new are the same, one. A submodule has none. */
function blobsOf(file: ChangedFile): string[] {
  const old = file.oldMode === SUBMODULE ? null : file.oldBlob;
  const now = file.newMode === SUBMODULE ? null : file.newBlob;
  return [...new Set([old, now])].filter((blob) => blob !== null);
}

/** Where blobs come from, in the order in which they are asked for. */
interface Blobs {
  /** Null when it is over `maxBytes`. */
  bytes(id: string, maxBytes: number): Promise<Buffer | null>;
  close(): Promise<void>;
}

/** A few are asked of the process that runs already, each when its turn comes; many come from one of their own. */
function openBlobs(git: GitCommand, objects: ObjectReader, ids: readonly string[]): Blobs {
  if (ids.length <= FEW) {
    return { bytes: (id, maxBytes) => objects.readCapped(id, maxBytes), close: () => Promise.resolve() };
  }
  const stream = ObjectStream.of(git, ids);
  return {
    bytes: async (id, maxBytes) => stream.bytes(await stream.presentHeader(id), maxBytes),
    close: () => stream.close(),
  };
}

async function readBlobs(blobs: Blobs, file: ChangedFile, maxBytes: number): Promise<Map<string, Buffer | null>> {
  const read = new Map<string, Buffer | null>();
  for (const blob of blobsOf(file)) read.set(blob, await blobs.bytes(blob, maxBytes));
  return read;
}

/** The lines of a file: of a rename none, and git's two entries for it are passed over. */
class LinesByFile {
  readonly #lines: AsyncGenerator<[RawEntry, PatchSection]>;
  readonly #renamed: ReadonlySet<string>;

  constructor(lines: AsyncGenerator<[RawEntry, PatchSection]>, change: Change) {
    this.#lines = lines;
    const renames = change.files.filter(({ status }) => status === 'R');
    this.#renamed = new Set(renames.flatMap(({ oldPath, newPath }) => [`D${oldPath}`, `A${newPath}`]));
  }

  async of(file: ChangedFile): Promise<PatchSection> {
    if (file.status === 'R') return emptySection();
    for (;;) {
      const step = await this.#lines.next();
      if (step.done === true) throw contradiction('the change names a file that differs no more');
      const [{ status, path }, section] = step.value;
      if (path === (file.newPath ?? file.oldPath) && status === file.status) {
        checkCounts(file, section);
        return section;
      }
      if (!this.#renamed.has(status + path)) throw contradiction('the change is not in the order of its paths');
    }
  }

  /** Reads to the end, so that a late failure of git is not missed. */
  async finish(): Promise<void> {
    while ((await this.#lines.next()).done !== true);
  }
}

/**
 * Contents and changed lines in the order of the change's files: one process for lines, and one for blobs where
 * there are many. A side over
 * `maxBytes` has null for its bytes and no lines; binary files have no lines, submodules neither. Holds one file and
 * what git has buffered. @throws GIT_FAILED, GIT_TIMEOUT
 */
export async function* readContents(
  { git, objects, diffs }: { readonly git: GitCommand; readonly objects: ObjectReader; readonly diffs: DiffTeller },
  change: Change,
  options: { readonly maxBytes: number },
): AsyncGenerator<FileContent> {
  if (change.files.length === 0) return;
  const { maxBytes } = options;
  const diff = new DiffStream(diffs, change.baseTree, change.tree, { counts: false });
  const blobs = openBlobs(git, objects, change.files.flatMap(blobsOf));
  try {
    const lines = new LinesByFile(diff.lines(await diff.entries(), maxBytes), change);
    for (const file of change.files) {
      const read = await readBlobs(blobs, file, maxBytes);
      const { added, removed } = await lines.of(file);
      const oldBytes = read.get(file.oldBlob ?? '') ?? null;
      const newBytes = read.get(file.newBlob ?? '') ?? null;
      yield { file, oldBytes, newBytes, addedLines: added, removedLines: removed };
    }
    await lines.finish();
  } finally {
    await Promise.all([diff.close(), blobs.close()]);
  }
}
