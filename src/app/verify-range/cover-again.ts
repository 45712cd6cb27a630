import { readCoverWord } from '../../core/caws/publication/cover-word.js';
import type { CommitDetail } from '../../ports/git.js';
import type { TrustedKeyring } from '../verdict/load-keyring.js';
import { coverByVerdict } from './cover-by-verdict.js';
import type { Cover, CoverDesk } from './cover-desk.js';

/**
 * Whether a later verdict covers a commit that Arbiter did not make, such as a squash or a merge of a forge: one that
 * judged its very tree against its first parent, and that the publish key gave to it on the record. Null where the record
 * names none; else what is wrong with the last that it names. @throws GIT_FAILED
 */
export async function coverAgain(
  desk: CoverDesk,
  commit: CommitDetail,
  /** That of the head: a later verdict is signed by the keys of later. */
  keyring: TrustedKeyring,
): Promise<Cover | null> {
  const [parent] = commit.parents;
  if (parent === undefined) return null;
  let last: Cover | null = null;
  for (const { verdictId, blob } of desk.index.covers.get(commit.id) ?? []) {
    for (const word of await desk.words(commit.id, verdictId)) {
      const trailers = readCoverWord(word.message)?.trailers;
      if (trailers === undefined) continue;
      last = await coverByVerdict(desk, { commit, parent, trailers, keyring, word: { commit: word, blob } });
      if ('covered' in last) return last;
    }
    last ??= {
      reason: 'not-published',
      detail: `the record names verdict ${verdictId}, and no publish key gave it to this`,
    };
  }
  return last;
}
