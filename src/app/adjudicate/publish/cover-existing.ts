import { type CoverWord, composeCoverWord, coverPath } from '../../../core/caws/publication/cover-word.js';
import { recordRef } from '../../../core/caws/publication/publisher.js';
import { encodeUtf8 } from '../../../core/digest.js';
import type { CommitFacts, GitSession, Recorded } from '../../../ports/git.js';
import type { LedgerLog } from '../../../ports/ledger-log.js';
import type { Signer } from '../../../ports/signer.js';
import { type PublishableVerdict, unpublishable } from './verdict-folder.js';

/**
 * Puts a verdict onto the record as the later verdict of a commit that is there already, such as a squash or a merge of a
 * forge, and moves no branch. It must have judged that commit's very tree against its first parent: whatever else the other
 * parents of a merge bring into the tree was in the change that was judged. @throws VERDICT_UNPUBLISHABLE, REF_MOVED
 */
export async function coverExisting(
  git: GitSession,
  found: PublishableVerdict,
  signer: Signer,
  commit: CommitFacts,
): Promise<Recorded> {
  const { verdict, base, tree, sha256, files } = found;
  const id = verdict.verdict_id;
  if (tree !== commit.tree) throw unpublishable(`it judged tree ${tree}, and ${commit.id} holds ${commit.tree}`);
  const [parent] = commit.parents;
  if (parent !== base)
    throw unpublishable(`it judged against ${base}, and the first parent of ${commit.id} is ${parent ?? 'nothing'}`);
  const word: CoverWord = { commit: commit.id, trailers: { verdictId: id, sha256, log: null } };
  const entries = [...files].map(([name, bytes]): [string, Uint8Array] => [`verdicts/${id}/${name}`, bytes]);
  return git.extendRecord({
    atMs: Date.parse(verdict.clock.wall),
    sign: (bytes) => signer.sign('git', bytes),
    record: {
      ref: recordRef,
      message: composeCoverWord(word),
      files: new Map([...entries, [coverPath(word), encodeUtf8(`${id}\n`)]]),
    },
  });
}

/**
 * Enters behind the verdict in this store's ledger that it is the later verdict of a commit, once; answers the index, null
 * where the log does not hold the verdict. @throws LEDGER_CORRUPT, STORE_UNAVAILABLE
 */
export async function logCover(ledger: LedgerLog, verdictId: string, commit: CommitFacts): Promise<number | null> {
  if ((await ledger.find(`${verdictId}/verdict`)) === null) return null;
  const key = `${verdictId}/readjudication/${commit.id}`;
  const spec = { verdict_id: verdictId, commit: commit.id, parents: [...commit.parents] };
  const [placed] = await ledger.append([{ key, draft: { apiVersion: '1.0.0', kind: 'caws-readjudication', spec } }]);
  return placed?.index ?? null;
}
