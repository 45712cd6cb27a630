import { readCoverWord } from '../../core/caws/publication/cover-word.js';
import type { CommitDetail, GitSession } from '../../ports/git.js';

/** The publish key's words about commits that were there: commits of the record, by the commit and the verdict they name. */
export type WordReader = (commit: string, verdictId: string) => Promise<readonly CommitDetail[]>;

/** Reads the history of the record once, and only when it is asked. */
export function createWordReader(git: GitSession, record: string | null): WordReader {
  let reading: Promise<ReadonlyMap<string, readonly CommitDetail[]>> | undefined;
  return async (commit, verdictId) => {
    reading ??= readWords(git, record);
    return (await reading).get(`${commit} ${verdictId}`) ?? [];
  };
}

async function readWords(
  git: GitSession,
  record: string | null,
): Promise<ReadonlyMap<string, readonly CommitDetail[]>> {
  const words = new Map<string, CommitDetail[]>();
  for (const commit of record === null ? [] : await git.listCommits(null, record)) {
    const word = readCoverWord(commit.message);
    if (word === null) continue;
    const key = `${word.commit} ${word.trailers.verdictId}`;
    words.set(key, [...(words.get(key) ?? []), commit]);
  }
  return words;
}
