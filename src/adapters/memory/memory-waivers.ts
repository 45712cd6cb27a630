import { existingWaiver, unknownWaiver } from '../../core/caws/waiver-faults.js';
import type {
  RefusedUse,
  StoredWaiver,
  WaiverDraft,
  WaiverEvent,
  WaiverStore,
  WaiverUse,
} from '../../ports/waiver-store.js';

interface Kept {
  readonly draft: WaiverDraft;
  readonly events: WaiverEvent[];
}

/** Waivers in this process's memory, by the same rules as on PostgreSQL: for tests of what uses a store. */
export function createMemoryWaivers(): WaiverStore {
  const kept: Kept[] = [];
  const taken = new Map<string, readonly WaiverUse[]>();
  const find = (repositoryId: string, id: string): Kept | undefined =>
    kept.find(({ draft }) => draft.repositoryId === repositoryId && draft.id === id);
  const usesOf = (repositoryId: string): readonly WaiverUse[] => taken.get(repositoryId) ?? [];
  const lifeOf = ({ draft, events }: Kept): StoredWaiver => ({
    ...draft,
    events: [...events],
    uses: usesOf(draft.repositoryId).filter((use) => use.sha256 === draft.sha256),
  });
  const withdrawalOf = (repositoryId: string, sha256: string): RefusedUse['reason'] | null => {
    const found = kept.find(({ draft }) => draft.repositoryId === repositoryId && draft.sha256 === sha256);
    const end = found?.events.find(({ kind }) => kind !== 'approved')?.kind;
    return end === undefined || end === 'approved' ? null : end;
  };
  return {
    async submit(draft) {
      const found = find(draft.repositoryId, draft.id);
      if (found === undefined) kept.push({ draft: structuredClone(draft), events: [] });
      else if (found.draft.sha256 !== draft.sha256) throw existingWaiver(draft.id);
    },
    async read(repositoryId, id) {
      const found = find(repositoryId, id);
      if (found === undefined) throw unknownWaiver(id);
      return lifeOf(found);
    },
    async list(repositoryId, specId) {
      return kept
        .filter(({ draft }) => draft.repositoryId === repositoryId && draft.specId === (specId ?? draft.specId))
        .map(lifeOf)
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async tell(repositoryId, id, event) {
      const found = find(repositoryId, id);
      if (found === undefined) throw unknownWaiver(id);
      if (found.events.some((told) => isRepeat(told, event))) return false;
      found.events.push(structuredClone(event));
      return true;
    },
    uses: async (repositoryId) => usesOf(repositoryId),
    async consume(repositoryId, wanted, user) {
      const inRepository = usesOf(repositoryId);
      const open = wanted.filter(
        ({ sha256 }) => !inRepository.some((use) => use.sha256 === sha256 && use.claim === user.claim),
      );
      const countOf = (sha256: string): number => inRepository.filter((use) => use.sha256 === sha256).length;
      const refused = open.flatMap(({ sha256, maxUses }): RefusedUse[] => {
        const reason = withdrawalOf(repositoryId, sha256) ?? (countOf(sha256) >= maxUses ? 'used_up' : null);
        return reason === null ? [] : [{ sha256, reason }];
      });
      const verdictId = inRepository.find((use) => use.claim === user.claim)?.verdictId ?? user.verdictId;
      if (refused.length > 0) return { verdictId: user.verdictId, refused };
      const added = open.map(({ id, sha256 }): WaiverUse => {
        return { ...user, verdictId, sha256, waiverId: id, number: countOf(sha256) + 1 };
      });
      taken.set(repositoryId, [...inRepository, ...added]);
      return { verdictId, refused };
    },
  };
}

function isRepeat(told: WaiverEvent, event: WaiverEvent): boolean {
  if (event.kind === 'approved') return told.kind === 'approved' && told.keyId === event.keyId;
  return told.kind !== 'approved';
}
