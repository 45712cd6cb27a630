import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBubblewrapSandbox } from '../../src/adapters/sandbox/index.js';
import type { LedgerErasure } from '../../src/app/ledger/erase.js';
import type { LedgerState } from '../../src/app/ledger/show.js';
import type { LedgerVerification } from '../../src/app/ledger/verification.js';
import type { RunOutput } from '../../src/app/tasks/run-task.js';
import { commitContent } from '../../src/core/records/commitment.js';
import { contentsEntrySchema, erasureEntrySchema } from '../../src/core/records/content-entries.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { type People, createPeople, governedWithApprovers, hasSshKeygen } from '../waiver-world.js';
import { runCommand } from './run-command.js';
import { honestFix, writeToyAgent } from './toy-agent.js';
import { createWorld, quickConfig } from './world.js';

// Through the door that a user uses: a task ends, an approver signs the line, the contents go and the log still holds.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const probe = await createBubblewrapSandbox().probe();
const config = quickConfig.replace('sandbox: none', `sandbox: ${probe.available ? 'bubblewrap' : 'none'}`);
let people: People;
let repository: ScratchRepository & { readonly base: string };
let keep: OpenRuntime;
let honest: RunOutput;
let waiting: RunOutput;

const cli = (...argv: string[]) => runCommand(world.ports, repository.directory, argv);
const json = async <T>(...argv: string[]): Promise<T> => {
  const run = await cli(...argv, '--json');
  if (run.out === '') throw new Error(`nothing was printed: ${run.err}`);
  return JSON.parse(run.out) as T;
};
const reason = ['--reason', 'the customer asked for it'];
const erase = (...argv: string[]) => cli('ledger', 'erase', ...argv, ...reason);

beforeAll(async () => {
  if (!hasSshKeygen) return;
  people = createPeople(world.home, ['ada', 'bob', 'carol', 'grace', 'mallory']);
  repository = await governedWithApprovers(world, people, { config });
  keep = await world.ports.runtime.open(new AbortController().signal);
  const lavish = [...honestFix, `seq 1 6000 | sed 's/.*/\\/\\/ &/' >> src/postage.js`];
  for (const [name, work] of Object.entries({ honest: honestFix, lavish })) {
    const file = writeToyAgent(world.home, name, work);
    expect((await cli('agents', 'add', name, '--command', file, '{prompt}')).code).toBe(0);
  }
  honest = await json<RunOutput>('run', 'charge the letter', '--agent', 'honest', '--refinements', '0');
  waiting = await json<RunOutput>('run', 'charge it otherwise', '--agent', 'lavish', '--refinements', '0');
}, 240_000);
afterAll(async () => {
  if (hasSshKeygen) {
    await keep.close();
    await world.ports.runtime.stopServer();
  }
  await world.close();
});

async function entryOf(verdictId: string) {
  const { entry } = await json<LedgerState>('ledger', 'show', `${verdictId}/contents`);
  return contentsEntrySchema.parse(entry?.says.spec);
}

describe.skipIf(!hasSshKeygen)(
  hasSshKeygen ? 'arbiter ledger erase' : 'arbiter ledger erase (skipped: ssh-keygen missing)',
  () => {
    it('finds salted commitments to everything behind a verdict in the log, and no digest of it', async () => {
      expect([honest.task.state, waiting.task.state]).toEqual(['accepted', 'awaiting-waiver']);
      const verdictId = honest.task.verdict?.id ?? '';
      const entry = await entryOf(verdictId);
      expect(entry.task_id).toBe(honest.task.id);
      const kinds = entry.contents.map(({ what }) => what).toSorted();
      expect(kinds).toEqual(['diff', 'findings', 'patch', 'plan', 'plea', 'prompt', 'transcript', 'verdict']);
      const said: string[] = [];
      for await (const { bytes } of keep.ledger.entries(0, (await keep.ledger.head()).size)) said.push(String(bytes));
      for (const { what, commitment } of entry.contents) {
        const stored = await keep.contents.read(commitment);
        if (stored === null) throw new Error(`${what} is not there`);
        expect(commitContent(stored.salt, stored.bytes)).toBe(commitment);
        expect(said.filter((text) => text.includes(stored.sha256))).toEqual([]);
        if (what === 'prompt') expect(String(Buffer.from(stored.bytes))).toContain('charge the letter');
      }
    });

    it('tells what would go and the line to sign, and erases nothing without a signature', async () => {
      const told = await json<LedgerErasure>('ledger', 'erase', '--task', honest.task.id, ...reason);
      expect(told).toMatchObject({ erased: false, by: null, entries: [], erased_before: 0, task_log: honest.task.id });
      expect(told.contents.map(({ what }) => what).toSorted()).toEqual(['diff', 'prompt', 'transcript']);
      // The worker's patch is the very diff that was measured: one content.
      expect((await erase('--task', honest.task.id)).out).toContain(told.statement.trimEnd());
      expect(await json<LedgerVerification>('ledger', 'verify')).toMatchObject({ verified: true, erased: 0 });
      for (const { sha256 } of told.contents) expect(await keep.contents.find(sha256)).not.toBeNull();
    });

    it('refuses who has no say, what is open, what is unknown, and what is not clear', async () => {
      const task = ['--task', honest.task.id];
      for (const [name, why] of [
        ['grace', /grace@example\.org is not among the approvers/],
        ['mallory', /foreign/],
      ] as const) {
        expect(await erase(...task, '--key', people.key(name))).toMatchObject({
          code: 3,
          err: expect.stringMatching(why),
        });
      }
      const told = await json<LedgerErasure>('ledger', 'erase', ...task, ...reason);
      // A signature is for one reason, and for these contents.
      const signature = people.sign('ada', told.statement.replace('the customer', 'somebody'));
      expect(await erase(...task, '--signature', signature)).toMatchObject({
        code: 3,
        err: expect.stringMatching(/refused/),
      });
      const other = people.sign('ada', told.statement);
      expect((await erase(...task, '--part', 'diff', '--signature', other)).code).toBe(3);
      expect(await erase('--task', waiting.task.id, '--key', people.key('ada'))).toMatchObject({
        code: 3,
        err: expect.stringMatching(/is open \(it is awaiting-waiver\)[^]*arbiter task cancel/),
      });
      const open = waiting.task.verdict?.id ?? '';
      const [held] = (await entryOf(open)).contents;
      for (const target of [['--verdict', open], [held?.commitment ?? '']]) {
        expect(await erase(...target, '--key', people.key('ada'))).toMatchObject({
          code: 3,
          err: expect.stringMatching(/is open/),
        });
      }
      expect(await erase('0'.repeat(64))).toMatchObject({
        code: 3,
        err: expect.stringMatching(/holds no content 0+, and never erased one[^]*SHA-256/),
      });
      expect(await erase('--verdict', '01ARZ3NDEKTSV4RRFFQ69G5FAV')).toMatchObject({
        code: 3,
        err: expect.stringMatching(/--task ID/),
      });
      expect(await erase('not-a-hash')).toMatchObject({ code: 3, err: expect.stringMatching(/is no SHA-256/) });
      expect(await erase()).toMatchObject({ code: 3, err: expect.stringMatching(/not clear what to erase/) });
      expect(await erase('0'.repeat(64), ...task)).toMatchObject({ code: 3, err: expect.stringMatching(/not clear/) });
      expect((await erase(...task, '--part', 'plea')).code).toBe(3);
      expect((await cli('ledger', 'erase', ...task, '--reason', 'two\nlines')).code).toBe(3);
      expect((await cli('ledger', 'erase', ...task, '--reason', '')).code).toBe(3);
      expect(await json<LedgerVerification>('ledger', 'verify')).toMatchObject({ verified: true, erased: 0 });
    });

    it('is refused where another repository’s approver says so', async () => {
      const foreign = await governedWithApprovers(world, people, { config });
      const asked = ['--task', honest.task.id, '-C', foreign.directory, '--key', people.key('ada')];
      expect(await erase(...asked)).toMatchObject({
        code: 3,
        err: expect.stringMatching(/ask where its approvers are/),
      });
    });

    it('is refused by the database where the ledger has no entry of it', async () => {
      const [one] = (await entryOf(honest.task.verdict?.id ?? '')).contents;
      await expect(keep.contents.erase(one?.commitment ?? '', 1)).rejects.toThrow(/the ledger has no entry erasure\//);
      await expect(keep.contents.eraseLog(honest.task.id)).rejects.toThrow(/the ledger has no entry erasure\/log\//);
    });

    it('erases contents, salts, the log of the task and the copy of the diff; the log verifies and says how many', async () => {
      const before = await json<LedgerErasure>('ledger', 'erase', '--task', honest.task.id, ...reason);
      const diff = join(dirname(honest.task.files?.verdict ?? ''), 'change.diff');
      expect(existsSync(diff)).toBe(true);
      const signature = people.sign('ada', before.statement);
      const erased = await json<LedgerErasure>(
        'ledger',
        'erase',
        '--task',
        honest.task.id,
        ...reason,
        '--signature',
        signature,
      );
      expect(erased).toMatchObject({ erased: true, by: 'ada@example.org', contents: before.contents });
      expect(existsSync(diff)).toBe(false);
      for (const { sha256, commitment } of before.contents) {
        expect(await keep.contents.find(sha256)).toBeNull();
        expect(await keep.contents.read(commitment)).toBeNull();
        const { entry } = await json<LedgerState>('ledger', 'show', `erasure/${commitment}`);
        expect(erasureEntrySchema.parse(entry?.says.spec)).toMatchObject({
          commitment,
          by: 'ada@example.org',
          reason: 'the customer asked for it',
        });
      }
      expect((await json<{ lines: unknown[] }>('task', 'logs', honest.task.id)).lines).toEqual([]);
      expect(erased.entries).toHaveLength(before.contents.length + 1);
      expect(await json<LedgerVerification>('ledger', 'verify')).toMatchObject({
        verified: true,
        erased: before.contents.length + 1,
      });
      expect((await cli('ledger', 'verify')).out).toMatch(/4 contents erased by request/);
      expect((await cli('ledger', 'export', join(world.home, 'export'))).code).toBe(0);
      const exported = await json<LedgerVerification>('ledger', 'verify', '--remote', join(world.home, 'export'));
      expect(exported).toMatchObject({ verified: true, erased: 4 });
      expect((await cli('verdict', 'verify', honest.task.files?.verdict ?? '')).code).toBe(0);
      expect(readFileSync(honest.task.files?.verdict ?? '', 'utf8')).toContain('verdict: "PASS"');
    });

    it('says so when it is done twice, and where the contents are asked for', async () => {
      const again = /were erased before, and none is left[^]*arbiter ledger show erasure\//;
      expect(await erase('--task', honest.task.id, '--key', people.key('ada'))).toMatchObject({
        code: 3,
        err: expect.stringMatching(again),
      });
      const gone = (await entryOf(honest.task.verdict?.id ?? '')).contents.find(({ what }) => what === 'transcript');
      expect(await erase(gone?.commitment ?? '')).toMatchObject({ code: 3, err: expect.stringMatching(again) });
      const recording = await cli('task', 'record', honest.task.id, '--out', join(world.home, 'recording.json'));
      expect(recording).toMatchObject({
        code: 3,
        err: expect.stringMatching(/was erased by request[^]*ledger show erasure\//),
      });
    });

    it('erases one content by its hash, with a key', async () => {
      const plea = (await entryOf(honest.task.verdict?.id ?? '')).contents.find(({ what }) => what === 'plea');
      const name = await keep.contents.find(plea?.commitment ?? '');
      const run = await erase(name?.sha256 ?? '', '--key', people.key('carol'));
      expect(run).toMatchObject({
        code: 0,
        out: expect.stringMatching(/ERASED, as carol@example\.org said: ledger entries \d+/),
      });
      expect(await keep.contents.find(name?.sha256 ?? '')).toBeNull();
      // What stood in the plea alone is no longer known by the task.
      expect((await erase('--task', honest.task.id)).code).toBe(3);
    });

    it('is finished by doing it again where it was stopped after its entry', async () => {
      const cancelled = await cli('task', 'cancel', waiting.task.id);
      expect(cancelled.code).toBe(0);
      const told = await json<LedgerErasure>('ledger', 'erase', '--task', waiting.task.id, '--part', 'diff', ...reason);
      const [first] = told.contents;
      const by = { by: 'ada@example.org', key_id: 'SHA256:x', signature_sha256: '0'.repeat(64), reason: 'x', at_ms: 1 };
      const { erasureAppend } = await import('../../src/core/records/content-entries.js');
      await keep.ledger.append([erasureAppend({ ...by, commitment: first?.commitment ?? '', task_log: null })]);
      const asked = ['--task', waiting.task.id, '--part', 'diff', '--key', people.key('bob')];
      expect((await erase(...asked)).code).toBe(0);
      expect(await keep.contents.find(first?.sha256 ?? '')).toBeNull();
      expect((await json<LedgerVerification>('ledger', 'verify')).verified).toBe(true);
    });
  },
);
