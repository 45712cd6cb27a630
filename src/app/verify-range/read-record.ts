import type { GitSession, TreeEntry } from '../../ports/git.js';

/** Blobs of one verdict on the record. */
export interface RecordedVerdict {
  readonly yaml: string;
  readonly signature: string | null;
  readonly bundle: string | null;
}

/** A later verdict of a commit, and the blob that names it. */
export interface LaterCover {
  readonly verdictId: string;
  readonly blob: string;
}

/** What `refs/caws/ledger` holds, by id; contents stay in the repository until they are asked for. */
export interface RecordIndex {
  /** By verdict id. */
  readonly verdicts: ReadonlyMap<string, RecordedVerdict>;
  /** Blob that names the verdict, by commit id. */
  readonly commits: ReadonlyMap<string, string>;
  /** Verdicts that were given later to a commit that was there, each with its blob, by commit id. */
  readonly covers: ReadonlyMap<string, readonly LaterCover[]>;
  /** How many commits each such blob is given to. */
  readonly uses: ReadonlyMap<string, number>;
}

/** Indexes the record of one commit; `record` null: nothing was ever recorded. @throws GIT_FAILED */
export async function readRecord(git: GitSession, record: string | null): Promise<RecordIndex> {
  return indexRecord(record === null ? [] : await git.listFiles(record, ''));
}

/** The index of a record's files. Other files are not looked at. */
export function indexRecord(files: readonly TreeEntry[]): RecordIndex {
  const blobs = new Map(files.map(({ path, blob }) => [path, blob]));
  const verdicts = new Map<string, RecordedVerdict>();
  const commits = new Map<string, string>();
  const covers = new Map<string, LaterCover[]>();
  const uses = new Map<string, number>();
  for (const [path, blob] of blobs) {
    const [, verdict] = /^verdicts\/([^/]+)\/verdict\.yaml$/.exec(path) ?? [];
    if (verdict !== undefined) {
      const bundle = blobs.get(`verdicts/${verdict}/verdict.sigstore.json`) ?? null;
      verdicts.set(verdict, { yaml: blob, signature: blobs.get(`${path}.sig`) ?? null, bundle });
    }
    const [, commit] = /^commits\/([0-9a-f]+)$/.exec(path) ?? [];
    const [, covered, verdictId = ''] = /^covers\/([0-9a-f]+)\/([^/]+)$/.exec(path) ?? [];
    if (covered !== undefined) covers.set(covered, [...(covers.get(covered) ?? []), { verdictId, blob }]);
    if (commit !== undefined) commits.set(commit, blob);
    // Both hold the verdict's id alone, so that one verdict has one blob wherever it is given.
    if (commit !== undefined || covered !== undefined) uses.set(blob, (uses.get(blob) ?? 0) + 1);
  }
  return { verdicts, commits, covers, uses };
}
