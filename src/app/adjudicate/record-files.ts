import type { Change } from '../../core/caws/change.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import { makeUlid } from '../../core/ids.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import { recordVerdict } from '../verdict/record-verdict.js';
import type { VerdictKey } from './load-verdict-key.js';

/** What was written; `signature` null for a verdict that is not signed, `diff` null where nothing could be measured. */
export interface WrittenVerdict {
  readonly verdict: Verdict;
  readonly files: { readonly verdict: string; readonly signature: string | null; readonly diff: string | null };
}

/**
 * Writes change.diff, then the verdict over its digest with its signature. Without a folder it goes to a new one of the
 * verdict's id, outside the repository: a file inside would be part of the next change. @throws WRITE_FAILED
 */
export async function recordFiles(
  ports: Ports,
  git: GitSession,
  out: string | undefined,
  record: {
    readonly change: Change | null;
    readonly key: VerdictKey | null;
    readonly nowMs: number;
    readonly verdictOf: (diffSha256: string | null, idBytes: Uint8Array) => Verdict;
  },
): Promise<WrittenVerdict> {
  const idBytes = ports.clock.randomBytes(10);
  const outDir = out ?? `${ports.places.stateHome}/verdicts/${makeUlid(record.nowMs, idBytes)}`;
  const diff = record.change === null ? null : `${outDir}/change.diff`;
  const diffSha256 =
    record.change === null || diff === null ? null : await ports.files.replaceFileFrom(diff, git.diff(record.change));
  const verdict = record.verdictOf(diffSha256, idBytes);
  const written = await recordVerdict({ verdict, signer: record.key?.signer ?? null, outDir }, ports.files);
  return { verdict, files: { verdict: written.verdictPath, signature: written.signaturePath, diff } };
}
