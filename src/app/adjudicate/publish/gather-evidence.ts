import { type AddedLines, rangesOf } from '../../../core/caws/publication/added-ranges.js';
import { composeAgentTrace, tracePath } from '../../../core/caws/publication/agent-trace.js';
import { authorshipRef, composeAuthorshipNote } from '../../../core/caws/publication/authorship-note.js';
import { encodeUtf8 } from '../../../core/digest.js';
import type { GitSession, Landing } from '../../../ports/git.js';
import type { PublishableVerdict } from './verdict-folder.js';

const maxBytes = 16 * 1024 * 1024;

/**
 * What other tools are told of the commit: an Agent Trace record on the verdict's ref and a git-ai authorship note, both
 * from the verdict and the change as git measured it. Nothing is told where the verdict names no worker: who wrote the
 * lines is not known then. Evidence only; nothing of Arbiter's reads it. @throws GIT_FAILED
 */
export async function gatherEvidence(
  git: GitSession,
  { verdict, base, tree, sha256 }: PublishableVerdict,
): Promise<Pick<Landing, 'evidence'>> {
  const { worker } = verdict;
  if (worker === null) return {};
  const added = await addedLines(git, base, tree);
  return {
    evidence: (commit) => {
      const told = { verdict, worker, sha256, commit, added };
      return {
        files: new Map([[tracePath(commit), encodeUtf8(composeAgentTrace(told))]]),
        note: { ref: authorshipRef, bytes: encodeUtf8(composeAuthorshipNote(told)) },
      };
    },
  };
}

/** Lines by file, as the candidate has them; a file whose text is over the cap is named without lines. */
async function addedLines(git: GitSession, base: string, tree: string): Promise<AddedLines[]> {
  const change = await git.measure(await git.resolveCommit(base), tree, null);
  const added: AddedLines[] = [];
  for await (const { file, addedLines: lines } of git.readContents(change, { maxBytes })) {
    if (file.newPath !== null) added.push({ path: file.newPath, ranges: rangesOf(lines.map(({ line }) => line)) });
  }
  return added;
}
