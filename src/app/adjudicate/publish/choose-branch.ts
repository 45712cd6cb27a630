import type { PublishMode } from '../../../core/caws/arbiter-config.js';
import type { Verdict } from '../../../core/caws/verdict/verdict.js';
import { recordRef } from '../../../core/caws/publication/publisher.js';
import { Fault, isFault } from '../../../core/fault.js';
import type { GitSession, Landing } from '../../../ports/git.js';
import { unpublishable } from './verdict-folder.js';

export type PublicationFaultCode = 'BASE_MOVED' | 'PROTECTED_REF_ELSEWHERE';

/**
 * Which branch is moved, and from where: the protected one itself (direct; an enforcing verdict only), or one of the
 * task's own, which gives way only to what was published before. Null: none.
 * @throws PROTECTED_REF_ELSEWHERE, VERDICT_UNPUBLISHABLE
 */
export async function chooseBranch(git: GitSession, verdict: Verdict, mode: PublishMode): Promise<Landing['branch']> {
  if (mode === 'none') return null;
  const tip = await git.protectedTip();
  if (tip === null) throw elsewhere('there is no protected branch here (origin/HEAD, main or master)');
  if (mode === 'branch') {
    const ref = `refs/heads/arbiter/${verdict.task_id ?? verdict.verdict_id}`;
    const protectedRef = tip.ref.startsWith('refs/') ? tip.ref : null;
    return { ref, expectedOld: await publishedTip(git, ref), protectedRef };
  }
  if (!tip.ref.startsWith('refs/heads/')) throw elsewhere(`the protected branch is another repository’s: ${tip.ref}`);
  if (verdict.trust !== 'enforcing')
    throw unpublishable('it is local, and the protected branch takes enforcing verdicts only');
  return { ref: tip.ref, expectedOld: verdict.base?.commit ?? null, protectedRef: null };
}

/** Where the branch stands when Arbiter put it there; null when it is not there, or is somebody’s own. */
async function publishedTip(git: GitSession, ref: string): Promise<string | null> {
  try {
    const { id } = await git.resolveCommit(ref);
    return (await git.readFile(recordRef, `commits/${id}`)) === null ? null : id;
  } catch (error) {
    if (isFault(error, 'UNKNOWN_REVISION')) return null;
    throw error;
  }
}

/** Says that the base has moved, when it is that; else what was found. */
export async function nameMovedBase(git: GitSession, base: string, found: Fault): Promise<Fault> {
  const tip = await git.protectedTip();
  if (tip === null || tip.commit === base) return found;
  return new Fault<PublicationFaultCode>(
    'BASE_MOVED',
    `the verdict judged the change on ${base.slice(0, 12)}, and ${tip.ref} stands at ${tip.commit.slice(0, 12)} now`,
    {
      mend: 'arbiter publish --reexamine judges the change again on the new base; it is never merged unseen',
      cause: found,
    },
  );
}

function elsewhere(message: string): Fault<PublicationFaultCode> {
  return new Fault('PROTECTED_REF_ELSEWHERE', message, {
    mend: 'publish with --mode branch and push the branch with refs/caws/ledger, or run it where the branch is',
  });
}
