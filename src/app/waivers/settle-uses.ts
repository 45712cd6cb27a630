import type { RefusedWaiver, ValidWaiver } from '../../core/caws/verdict/waiver-standing.js';
import type { Verdict } from '../../core/caws/verdict/verdict.js';
import type { RefusedUse, WantedWaiver } from '../../ports/waiver-store.js';
import type { Constitution } from '../adjudicate/admit.js';
import type { WaiverDesk } from './gather-waivers.js';

/** What came of asking for the uses that a verdict wants: it stands under an id, or waivers are gone. */
export type SettledUses =
  | { readonly stands: true; readonly verdictId: string }
  | { readonly stands: false; readonly waivers: Constitution['waivers'] };

/**
 * Takes the use of every waiver that a PASS leans on, before anybody stores the verdict: of two verdicts that lean on one
 * waiver, one gets it. The other is told which waivers are gone, and is to be reached again without them.
 *
 * A crash after this and before the verdict is stored loses nothing: whoever judges the same candidate again has the same
 * claim, keeps the use, and bears the verdict id under which it was taken. Where the candidate is never judged again (the
 * task is cancelled, or its gates fail the second time), and where another candidate of the same attempt is chosen, the
 * use stays spent: a waiver is rather lost than used twice.
 * @throws what the store throws; the verdict must then not be stored
 */
export async function settleUses(
  desk: WaiverDesk | null,
  { repositoryId, waivers, nowMs }: Pick<Constitution, 'repositoryId' | 'waivers' | 'nowMs'>,
  verdict: Verdict,
): Promise<SettledUses> {
  const { verdict_id: verdictId } = verdict;
  const leansOnNone = verdict.verdict !== 'PASS' || verdict.waivers.length === 0;
  if (desk === null || repositoryId === null || leansOnNone) return { stands: true, verdictId };
  const leaned = verdict.waivers.flatMap(({ id, sha256 }) => waivers.find(isValid(id, sha256)) ?? []);
  const wanted: WantedWaiver[] = leaned.map(({ id, sha256, waiver }) => ({ id, sha256, maxUses: waiver.maxUses }));
  const user = { claim: desk.claim, verdictId, taskId: desk.taskId ?? '', atMs: nowMs };
  const taken = await desk.store.consume(repositoryId, wanted, user);
  if (taken.refused.length === 0) return { stands: true, verdictId: taken.verdictId };
  return { stands: false, waivers: waivers.map((waiver) => refusedBy(taken.refused, waiver)) };
}

function isValid(id: string, sha256: string) {
  return (waiver: Constitution['waivers'][number]): waiver is ValidWaiver =>
    waiver.standing === 'valid' && waiver.id === id && waiver.sha256 === sha256;
}

function refusedBy(
  refused: readonly RefusedUse[],
  waiver: Constitution['waivers'][number],
): ValidWaiver | RefusedWaiver {
  const refusal = refused.find(({ sha256 }) => sha256 === waiver.sha256);
  if (refusal === undefined || waiver.standing === 'refused') return waiver;
  const { id, sha256 } = waiver;
  const { gates } = waiver.waiver;
  const detail =
    refusal.reason === 'used_up' ? 'another verdict took its last use just now' : 'an approver withdrew it';
  return { standing: 'refused', id, sha256, gates, reason: refusal.reason, detail };
}
