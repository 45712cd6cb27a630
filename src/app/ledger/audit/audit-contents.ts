import { digestBytes } from '../../../core/digest.js';
import { commitContent } from '../../../core/records/commitment.js';
import { contentsEntrySchema, contentsKind } from '../../../core/records/content-entries.js';
import type { ContentStore } from '../../../ports/content-store.js';
import { type Auditor, sayCheck } from './audit-check.js';

/** Contents that no task names: told of, so that they can be erased. */
const mostOrphans = 20;

/**
 * Whether each content that the log commits to is there and is what was committed to, or was erased by an entry.
 * @param erased commitments of all entries that record an erasure
 */
export function auditContents(contents: ContentStore, erased: ReadonlySet<string>): Auditor {
  const problems: string[] = [];
  const notes: string[] = [];
  const counts = { good: 0, erased: 0 };
  const checkOne = async (what: string, commitment: string): Promise<string | null> => {
    const stored = await contents.read(commitment);
    if (erased.has(commitment)) {
      if (stored !== null) return `${what} is still there, and an entry says that it was erased: erase it again`;
      counts.erased += 1;
      return null;
    }
    if (stored === null) return `${what} is gone, and no entry says that it was erased`;
    const isGood =
      commitContent(stored.salt, stored.bytes) === commitment && digestBytes(stored.bytes) === stored.sha256;
    if (!isGood) return `${what} is damaged: it is not what was committed to`;
    counts.good += 1;
    return null;
  };
  return {
    async take({ index, entry }) {
      if (entry.kind !== contentsKind) return;
      const said = contentsEntrySchema.safeParse(entry.spec);
      if (!said.success) {
        problems.push(`entry ${index} cannot be read`);
        return;
      }
      for (const { what, commitment } of said.data.contents) {
        const wrong = await checkOne(`entry ${index}, verdict ${said.data.verdict_id}: the ${what}`, commitment);
        if (wrong !== null) problems.push(wrong);
      }
    },
    async end() {
      for (const { sha256 } of await contents.orphans(mostOrphans)) {
        notes.push(`content ${sha256} belongs to no task: left by a crash, or a task is storing it right now`);
      }
      const detail = `${counts.good + counts.erased} commitments: ${counts.good} hold, ${counts.erased} erased by request`;
      return sayCheck('contents', detail, { problems, notes });
    },
  };
}
