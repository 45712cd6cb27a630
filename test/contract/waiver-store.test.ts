import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import { createMemoryWaivers } from '../../src/adapters/memory/memory-waivers.js';
import { digestBytes, encodeUtf8 } from '../../src/core/digest.js';
import type { WaiverDraft, WaiverEvent, WaiverStore } from '../../src/ports/waiver-store.js';
import { crowdPlaces, pairOf } from '../store/places.js';

const places = await crowdPlaces(2, createMemoryWaivers, ({ waivers }) => waivers);

const repositoryId = 'e'.repeat(64);
let counted = 0;
function aWaiver(more: Partial<WaiverDraft> = {}): WaiverDraft {
  counted += 1;
  const id = more.id ?? `WV-${String(counted).padStart(4, '0')}`;
  const bytes = more.bytes ?? encodeUtf8(`id: ${id}\nbytes: "${counted}"\n`);
  return {
    repositoryId,
    id,
    sha256: digestBytes(bytes),
    bytes,
    specId: 'POST-001',
    taskId: null,
    root: '/home/somebody/project',
    requestedBy: 'bob@example.org',
    atMs: 1_700_000_000_000,
    ...more,
  };
}
const approval = (keyId: string, kind: WaiverEvent['kind'] = 'approved'): WaiverEvent => ({
  kind,
  atMs: 1_700_000_000_001,
  by: 'ada@example.org',
  keyId,
  signature: `-----BEGIN SSH SIGNATURE-----\n${keyId}\n-----END SSH SIGNATURE-----\n`,
});
const user = (claim: string) => ({ claim, verdictId: `verdict of ${claim}`, taskId: `task of ${claim}`, atMs: 5 });

describe.each(places)('waivers in $name', ({ skip, open }) => {
  const promise = it.skipIf(skip);
  let pair: ReturnType<typeof pairOf<WaiverStore>>;
  beforeAll(async () => {
    if (!skip) pair = pairOf(await open());
  });
  afterAll(async () => {
    if (!skip) await pair.close();
  });
  const submit = async (more: Partial<WaiverDraft> = {}): Promise<WaiverDraft> => {
    const draft = aWaiver(more);
    await pair.one.submit(draft);
    return draft;
  };

  promise('gives a waiver back byte for byte, with its life in order', async () => {
    const draft = await submit({ bytes: Uint8Array.from({ length: 256 }, (_, byte) => byte), taskId: 'T' });
    await pair.one.tell(repositoryId, draft.id, approval('k1'));
    await pair.other.tell(repositoryId, draft.id, approval('k2'));
    await pair.other.tell(repositoryId, draft.id, approval('k1', 'revoked'));
    const found = await pair.other.read(repositoryId, draft.id);
    expect(found).toEqual({ ...draft, uses: [], events: [approval('k1'), approval('k2'), approval('k1', 'revoked')] });
    expect(await pair.one.list(repositoryId, 'POST-001')).toContainEqual(found);
    expect(await pair.one.list(repositoryId, 'OTHER-1')).toEqual([]);
    expect(await pair.one.list('f'.repeat(64))).toEqual([]);
  });

  promise('keeps an id for the bytes that had it first; storing them again is nothing', async () => {
    const draft = await submit();
    await pair.other.submit(draft);
    const other = { ...draft, bytes: encodeUtf8('other'), sha256: digestBytes(encodeUtf8('other')) };
    await expect(pair.other.submit(other)).rejects.toMatchObject({ code: 'WAIVER_EXISTS' });
    expect((await pair.one.read(repositoryId, draft.id)).sha256).toBe(draft.sha256);
    await expect(pair.one.read('f'.repeat(64), draft.id)).rejects.toMatchObject({ code: 'WAIVER_UNKNOWN' });
    await expect(pair.one.tell(repositoryId, 'WV-9998', approval('k'))).rejects.toMatchObject({
      code: 'WAIVER_UNKNOWN',
    });
  });

  promise('counts one approval for a key, and lets the first withdrawal stand', async () => {
    const { id } = await submit();
    expect(await pair.one.tell(repositoryId, id, approval('k'))).toBe(true);
    expect(await pair.other.tell(repositoryId, id, approval('k'))).toBe(false);
    expect(await pair.one.tell(repositoryId, id, approval('k', 'revoked'))).toBe(true);
    expect(await pair.other.tell(repositoryId, id, approval('k', 'denied'))).toBe(false);
    const { events } = await pair.one.read(repositoryId, id);
    expect(events.map(({ kind }) => kind)).toEqual(['approved', 'revoked']);
  });

  promise('of two that want a use at once, one gets it: a hundred times over', async () => {
    for (let round = 0; round < 100; round += 1) {
      const { id, sha256 } = await submit();
      const wanted = [{ id, sha256, maxUses: 1 }];
      const answers = await Promise.all([
        pair.one.consume(repositoryId, wanted, user(`a${round}`)),
        pair.other.consume(repositoryId, wanted, user(`b${round}`)),
      ]);
      expect(answers.filter(({ refused }) => refused.length === 0)).toHaveLength(1);
      expect(answers.flatMap(({ refused }) => refused)).toEqual([{ sha256, reason: 'used_up' }]);
      const winner = answers.find(({ refused }) => refused.length === 0);
      const { uses } = await pair.one.read(repositoryId, id);
      expect(uses).toMatchObject([{ number: 1, verdictId: winner?.verdictId, waiverId: id }]);
    }
  });

  promise('gives as many uses as a waiver has, and no more', async () => {
    const { id, sha256 } = await submit();
    const ask = (claim: string) => pair.one.consume(repositoryId, [{ id, sha256, maxUses: 2 }], user(claim));
    const answers = await Promise.all(['x1', 'x2', 'x3', 'x4'].map(ask));
    expect(answers.filter(({ refused }) => refused.length === 0)).toHaveLength(2);
    expect((await pair.other.read(repositoryId, id)).uses.map(({ number }) => number)).toEqual([1, 2]);
    const none = await pair.one.consume(repositoryId, [{ id, sha256: 'ab', maxUses: 0 }], user('x5'));
    expect(none.refused).toEqual([{ sha256: 'ab', reason: 'used_up' }]);
  });

  promise('a claim keeps its use and the verdict id under which it took it', async () => {
    const { id, sha256 } = await submit();
    const wanted = [{ id, sha256, maxUses: 1 }];
    const first = await pair.one.consume(repositoryId, wanted, { ...user('held'), verdictId: 'first' });
    const again = await pair.other.consume(repositoryId, wanted, { ...user('held'), verdictId: 'second' });
    expect([first, again]).toEqual([
      { verdictId: 'first', refused: [] },
      { verdictId: 'first', refused: [] },
    ]);
    expect((await pair.one.read(repositoryId, id)).uses).toHaveLength(1);
  });

  promise('takes all that is wanted or nothing', async () => {
    const [free, spent] = [await submit(), await submit()];
    const wantedOf = ({ id, sha256 }: WaiverDraft) => ({ id, sha256, maxUses: 1 });
    await pair.one.consume(repositoryId, [wantedOf(spent)], user('before'));
    const both = await pair.other.consume(repositoryId, [wantedOf(free), wantedOf(spent)], user('both'));
    expect(both.refused).toEqual([{ sha256: spent.sha256, reason: 'used_up' }]);
    expect((await pair.one.read(repositoryId, free.id)).uses).toEqual([]);
  });

  promise('gives no use of what was withdrawn, and counts those of waivers that stand at a base alone', async () => {
    const gone = await submit();
    await pair.one.tell(repositoryId, gone.id, approval('k', 'denied'));
    const refused = await pair.other.consume(repositoryId, [{ ...gone, maxUses: 1 }], user('late'));
    expect(refused.refused).toEqual([{ sha256: gone.sha256, reason: 'denied' }]);
    const atBase = { id: 'WV-0042', sha256: 'c'.repeat(64), maxUses: 1 };
    expect((await pair.one.consume(repositoryId, [atBase], user('base'))).refused).toEqual([]);
    expect((await pair.other.uses(repositoryId)).find(({ sha256 }) => sha256 === atBase.sha256)).toMatchObject({
      waiverId: 'WV-0042',
      verdictId: 'verdict of base',
    });
    expect((await pair.one.consume('f'.repeat(64), [atBase], user('elsewhere'))).refused).toEqual([]);
  });

  promise('rows are never changed or removed, not even by the owner of the tables', async () => {
    if (pair.ownerUrl === null) return;
    const client = new Client({ connectionString: pair.ownerUrl });
    await client.connect();
    try {
      for (const [table, column] of [
        ['waivers', 'root'],
        ['waiver_events', 'by'],
        ['waiver_uses', 'task_id'],
      ]) {
        for (const statement of [
          `update arbiter.${table} set ${column} = 'x'`,
          `delete from arbiter.${table}`,
          `truncate arbiter.${table} cascade`,
        ]) {
          await expect(client.query(statement)).rejects.toThrow(/never changed or removed/);
        }
      }
    } finally {
      await client.end();
    }
  });
});
