import { isFault } from '../../core/fault.js';
import type { Recorded, RecordEntry } from '../../ports/git.js';
import type { Keeping } from './keep-candidate.js';
import { RECORD_TRIES, recordChange, tipOf } from './land-commit.js';

/**
 * Adds files to the record alone, in one signed commit; no branch is moved. Done again it changes nothing; two who do it at
 * once follow each other. @throws REF_MOVED when the record holds another file there, GIT_FAILED
 */
export async function extendRecord(place: Keeping, entry: RecordEntry): Promise<Recorded> {
  for (let tries = 1; ; tries += 1) {
    const { tip, change } = await recordChange(place, entry, entry.record.files);
    if (change === null) return { record: tip ?? '', changed: false };
    try {
      await place.refs.setAll([change]);
      return { record: change.to, changed: true };
    } catch (error) {
      if (!isFault(error, 'GIT_FAILED') || tries >= RECORD_TRIES) throw error;
      if ((await tipOf(place, entry.record.ref)) === tip) throw error;
    }
  }
}
