import { lstat, readdir } from 'node:fs/promises';
import { Fault, isFault } from '../../../core/fault.js';
import { WorkFault } from '../../../core/tasks/work-fault.js';
import type { Git, GitFaultCode, GitSession } from '../../../ports/git.js';
import type { Assignment, WorkerFaultCode } from '../../../ports/worker.js';
import type { Meter } from '../spend/meter.js';

const mostPatchBytes = 256 * 1024 * 1024;

/** The patch of a clone's files against the assignment's base. @throws CLONE_LOST, WORK_UNMEASURABLE */
export async function measureRoom(
  git: Git,
  at: { readonly assignment: Assignment; readonly folder: string; readonly meter: Meter },
): Promise<Uint8Array> {
  const { assignment, folder, meter } = at;
  await requireClone(folder, meter);
  const session = await git.open(assignment.repository);
  try {
    return await patchOf(session, assignment.base, folder);
  } catch (error) {
    if (!isFault(error)) throw error;
    const { place } = error;
    const where = place?.file === undefined ? '' : ` (${place.file.replace(`${folder}/`, '')})`;
    throw new WorkFault<WorkerFaultCode>('WORK_UNMEASURABLE', `what the agent left: ${error.message}${where}`, {
      mend: error.mend,
      spend: meter.spend(),
      cause: error,
    });
  } finally {
    await session.close();
  }
}

async function patchOf(session: GitSession, base: string, folder: string): Promise<Uint8Array> {
  const commit = await session.resolveCommit(base);
  const change = await session.measure(commit, await session.sealFolder(base, folder), null);
  if (change.files.length === 0) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of session.diff(change)) {
    bytes += chunk.length;
    if (bytes > mostPatchBytes) {
      throw new Fault<GitFaultCode>('GIT_FAILED', `its patch has more than ${mostPatchBytes} bytes`, {
        mend: 'take big files out of the change',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** An agent may empty the folder or take it away; that is no change that somebody asked for. */
async function requireClone(folder: string, meter: Meter): Promise<void> {
  const stat = await lstat(folder).catch(() => null);
  const isThere = stat !== null && stat.isDirectory();
  if (isThere && (await readdir(folder).catch(() => [])).some((name) => name !== '.git')) return;
  throw new WorkFault<WorkerFaultCode>('CLONE_LOST', 'the agent has removed the clone that it worked in', {
    mend: 'try again, or give the task to another agent',
    spend: meter.spend(),
  });
}
