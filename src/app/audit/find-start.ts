import { digestText, decodeUtf8, encodeUtf8 } from '../../core/digest.js';
import { Fault, isFault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { AuditReport } from '../../core/caws/publication/audit-report.js';
import { createKeyringReader } from '../verify-range/read-keyrings.js';

export type AuditFaultCode = 'AUDIT_UNGOVERNED';

/** Where an audit begins, and who says so. `missing`: the commit that was audited last is not here any more. */
export interface AuditStart {
  readonly base: string;
  readonly since: AuditReport['since'];
  readonly missing: boolean;
}

/** What an audit is of; whoever trusts less strictly remembers apart from who trusts more strictly. */
export interface AuditOf {
  readonly branch: string;
  readonly head: string;
  readonly rootKey: string | undefined;
  readonly allowLocal: boolean;
}

/**
 * The commit that a person names, else where the branch stood when it was last found clean on this machine, else the first
 * commit with a keyring that the root signed. @throws AUDIT_UNGOVERNED, UNKNOWN_REVISION
 */
export async function findStart(
  ports: Ports,
  git: GitSession,
  named: string | undefined,
  of: AuditOf,
): Promise<AuditStart> {
  if (named !== undefined) return { base: (await git.resolveCommit(named)).id, since: 'named', missing: false };
  const last = await readLast(ports, git, of);
  if (last === null) return { base: await findGoverned(ports, git, of), since: 'first-governed', missing: false };
  return { base: last, since: 'last-audit', missing: !(await isHere(git, last)) };
}

async function isHere(git: GitSession, commit: string): Promise<boolean> {
  try {
    await git.resolveCommit(commit);
    return true;
  } catch (error) {
    if (isFault(error, 'UNKNOWN_REVISION')) return false;
    throw error;
  }
}

/** Of all commits, ancestors first, and not of first parents alone: a merge cannot put another beginning before it. */
async function findGoverned(ports: Ports, git: GitSession, { head, rootKey, branch }: AuditOf): Promise<string> {
  const repositoryId = await git.repositoryId(head);
  const keyringAt = await createKeyringReader(ports, git, { repositoryId, rootKey, head });
  for (const { id } of await git.listCommits(null, head)) {
    if ((await keyringAt(id)).distrust === null) return id;
  }
  const { distrust } = await keyringAt(head);
  throw new Fault<AuditFaultCode>(
    'AUDIT_UNGOVERNED',
    `no commit of ${branch} has a keyring to be believed: ${distrust ?? ''}`,
    {
      mend: 'run arbiter init and commit .caws, or name the root to trust with --root FILE',
    },
  );
}

// By the place of the repository and not by its history: who rewrites that would be met by a memory that knows nothing.
function memoryOf({ places }: Ports, git: GitSession, { branch, rootKey, allowLocal }: AuditOf): string {
  const parts = [git.commonDir, branch, rootKey ?? 'pinned', allowLocal ? 'local' : 'enforcing'];
  return `${places.stateHome}/audits/${digestText(parts.join('\n'))}`;
}

async function readLast(ports: Ports, git: GitSession, of: AuditOf): Promise<string | null> {
  const path = memoryOf(ports, git, of);
  if (!(await ports.files.exists(path))) return null;
  const text = decodeUtf8(await ports.files.readFile(path, { maxBytes: 4096 })) ?? '';
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/m.exec(text)?.[0] ?? null;
}

/** Remembers that a branch was found clean up to its head: the next audit begins there. @throws WRITE_FAILED */
export async function rememberClean(ports: Ports, git: GitSession, of: AuditOf): Promise<void> {
  const words = `# ${of.branch} of ${git.commonDir} was found clean by arbiter audit up to\n${of.head}\n`;
  await ports.files.replaceFile(memoryOf(ports, git, of), encodeUtf8(words));
}
