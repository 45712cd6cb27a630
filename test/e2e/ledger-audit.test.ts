import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownerUrl } from '../../src/adapters/postgres/launcher/probe-server.js';
import { storeFolders } from '../../src/adapters/postgres/launcher/store-folders.js';
import { createBubblewrapSandbox } from '../../src/adapters/sandbox/index.js';
import type { LedgerAudit } from '../../src/app/ledger/audit/audit.js';
import type { RunOutput } from '../../src/app/tasks/run-task.js';
import type { WaiverRequested } from '../../src/app/waivers/operations.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { type People, createPeople, governedWithApprovers, hasSshKeygen } from '../waiver-world.js';
import { runCommand } from './run-command.js';
import { honestFix, writeToyAgent } from './toy-agent.js';
import { createWorld, quickConfig } from './world.js';

const world = createWorld({ ARBITER_FSYNC: 'off' });
const probe = await createBubblewrapSandbox().probe();
const config = quickConfig.replace('sandbox: none', `sandbox: ${probe.available ? 'bubblewrap' : 'none'}`);
let people: People;
let repository: ScratchRepository & { readonly base: string };
let keep: OpenRuntime;
let honest: RunOutput;

const cli = (...argv: string[]) => runCommand(world.ports, repository.directory, argv);
const json = async <T>(...argv: string[]): Promise<T> => {
  const run = await cli(...argv, '--json');
  if (run.out === '') throw new Error(`nothing was printed: ${run.err}`);
  return JSON.parse(run.out) as T;
};

/** What whoever owns the database could do, triggers or not. */
async function asOwner(...statements: string[]): Promise<void> {
  const folders = storeFolders(join(world.home, '.local/state/arbiter'));
  const secrets = JSON.parse(readFileSync(folders.secrets, 'utf8')) as { owner: string; app: string };
  const client = new Client({ connectionString: ownerUrl(folders, secrets, 'arbiter') });
  await client.connect();
  try {
    await client.query(`set session_replication_role = 'replica'`);
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Audits what is spoilt, and mends it. */
async function auditSpoilt(spoil: () => Promise<unknown>, mend: () => Promise<unknown>): Promise<string> {
  expect((await cli('ledger', 'audit')).code).toBe(0);
  await spoil();
  const { code, out } = await cli('ledger', 'audit');
  await mend();
  expect({ code, out }).toMatchObject({ code: 1, out: expect.stringMatching(/^AUDIT FAILED/) });
  return out;
}

const commitmentOf = (what: string): string =>
  `(select c.commitment from arbiter.ledger_entries e, json_array_elements(convert_from(e.bytes, 'UTF8')::json->'spec'->'contents') x,
    arbiter.contents c where e.key like '%/contents' and x->>'what' = '${what}' and c.commitment = x->>'commitment' limit 1)`;

beforeAll(async () => {
  if (!hasSshKeygen) return;
  people = createPeople(world.home, ['ada', 'bob', 'carol', 'grace', 'mallory']);
  repository = await governedWithApprovers(world, people, { config });
  keep = await world.ports.runtime.open(new AbortController().signal);
  const file = writeToyAgent(world.home, 'honest', honestFix);
  expect((await cli('agents', 'add', 'honest', '--command', file, '{prompt}')).code).toBe(0);
  honest = await json<RunOutput>('run', 'charge the letter', '--agent', 'honest', '--refinements', '0');
  const asked = await json<WaiverRequested>(
    ...[
      'waiver',
      'request',
      '--spec',
      'POST-001',
      '--gate',
      'budget_limit',
      '--lines',
      '2000',
      '--as',
      'bob@example.org',
    ],
    ...['--reason', 'The carrier publishes its prices as one table', '--mitigation', 'The table is generated'],
  );
  expect((await cli('waiver', 'approve', asked.waiver.id, '--key', people.key('ada'))).code).toBe(0);
  const published = await cli('publish', honest.task.id, '--mode', 'branch');
  expect({ code: published.code, err: published.err }).toEqual({ code: 0, err: expect.anything() });
}, 240_000);
afterAll(async () => {
  if (hasSshKeygen) {
    await keep.close();
    await world.ports.runtime.stopServer();
  }
  await world.close();
});

describe.skipIf(!hasSshKeygen)(
  hasSshKeygen ? 'arbiter ledger audit' : 'arbiter ledger audit (skipped: ssh-keygen missing)',
  () => {
    it('passes on a log whose contents, verdicts, publications and waivers all hold', async () => {
      expect(honest.task.state).toBe('accepted');
      const found = await json<LedgerAudit>('ledger', 'audit');
      expect(found).toMatchObject({ passed: true, repository: repository.directory });
      expect(found.checks.map(({ check, passed, problems }) => [check, passed, problems])).toEqual(
        ['log', 'contents', 'verdicts', 'publications', 'waivers'].map((check) => [check, true, []]),
      );
      const detail = (name: string) => found.checks.find(({ check }) => check === name)?.detail;
      expect(detail('contents')).toBe('8 commitments: 8 hold, 0 erased by request');
      expect(detail('verdicts')).toMatch(/^1 verdicts of this repository/);
      expect(detail('publications')).toMatch(/^1 commits/);
      expect(detail('waivers')).toMatch(/^2 steps of waivers' lives.*signatures of this repository checked/);
      const told = await cli('ledger', 'audit');
      expect(told).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^AUDIT PASSED .*entries\n[^]*ok {3}publications/),
      });
      expect(told.out.split('\n').length).toBeLessThan(12);
    });

    it('says what it does not check where no repository is at hand', async () => {
      const found = await runCommand(world.ports, world.home, ['ledger', 'audit']);
      expect(found).toMatchObject({
        code: 0,
        out: expect.stringMatching(/\? {3} verdicts: not checked: no repository/),
      });
      expect(found.out).toMatch(/signatures not checked/);
    });

    it.each<[string, () => [string, string], RegExp]>([
      [
        'a content that was changed',
        () => [
          `create table public.kept as select commitment, sha256, bytes, salt from arbiter.contents where commitment = ${commitmentOf('transcript')};
          update arbiter.contents set bytes = 'another' where commitment = (select commitment from public.kept)`,
          'update arbiter.contents c set bytes = k.bytes from public.kept k where c.sha256 = k.sha256; drop table public.kept',
        ],
        /the transcript is gone, and no entry says that it was erased/,
      ],
      [
        'a content that was removed',
        () => [
          `create table public.kept as select sha256, bytes, salt from arbiter.contents where commitment = ${commitmentOf('prompt')};
          delete from arbiter.contents where sha256 = (select sha256 from public.kept)`,
          'insert into arbiter.contents (sha256, bytes, salt) select * from public.kept; drop table public.kept',
        ],
        /the prompt is gone, and no entry says/,
      ],
      [
        'a content that stands under another digest',
        () => [
          `create table public.kept as select sha256, commitment from arbiter.contents where commitment = ${commitmentOf('plan')};
          update arbiter.contents set sha256 = 'x' where commitment = (select commitment from public.kept)`,
          'update arbiter.contents c set sha256 = k.sha256 from public.kept k where c.commitment = k.commitment; drop table public.kept',
        ],
        /the plan is damaged/,
      ],
      [
        'a waiver that the store makes up',
        () => [
          `insert into arbiter.waivers select repository_id, 'WV-0099', 'forged', bytes, spec_id, task_id, root, requested_by, at_ms from arbiter.waivers`,
          `delete from arbiter.waivers where id = 'WV-0099'`,
        ],
        /WV-0099\/0 is in the store, and no entry of the log/,
      ],
      [
        'an approval that the store has lost',
        () => [
          'create table public.kept as select * from arbiter.waiver_events; delete from arbiter.waiver_events',
          'insert into arbiter.waiver_events overriding system value select * from public.kept; drop table public.kept',
        ],
        /WV-0001\/1: the store knows nothing of it/,
      ],
      [
        'an approver who is another one in the store',
        () => [
          `update arbiter.waiver_events set by = 'carol@example.org'`,
          `update arbiter.waiver_events set by = 'ada@example.org'`,
        ],
        /WV-0001\/1: the store tells it otherwise/,
      ],
      [
        'a waiver whose bytes are others than were signed',
        () => [
          `create table public.kept as select id, bytes from arbiter.waivers; update arbiter.waivers set bytes = 'another'`,
          'update arbiter.waivers w set bytes = k.bytes from public.kept k where w.id = k.id; drop table public.kept',
        ],
        /WV-0001: that ada@example\.org has approved it is not signed/,
      ],
    ])('fails for %s', async (_, statements, said) => {
      const [spoil, mend] = statements();
      expect(
        await auditSpoilt(
          () => asOwner(spoil),
          () => asOwner(mend),
        ),
      ).toMatch(said);
    });

    it.each<[string, string, (text: string) => string | null, RegExp]>([
      [
        'a verdict that was edited',
        'verdict.yaml',
        (text) => text.replace('"honest"', '"dishonest"'),
        /signature: broken/,
      ],
      ['a verdict that is gone', 'verdict.yaml', () => null, /verdict\.yaml/],
      ['a signature that is gone', 'verdict.yaml.sig', () => null, /signature: it is unsigned/],
      ['a bundle that is gone', 'verdict.sigstore.json', () => null, /bundle: there is no/],
      ['a diff that was changed', 'change.diff', (text) => `${text}\n`, /diff: .* is not the change that was judged/],
    ])('fails for %s', async (_, name, change, said) => {
      const path = join(dirname(honest.task.files?.verdict ?? ''), name);
      const kept = readFileSync(path);
      const changed = change(kept.toString());
      const spoil = async (): Promise<void> =>
        changed === null ? renameSync(path, `${path}.away`) : writeFileSync(path, changed);
      expect(await auditSpoilt(spoil, async () => writeFileSync(path, kept))).toMatch(said);
    });

    it('looks at nothing else where the log itself does not hold', async () => {
      const flip =
        'update arbiter.ledger_nodes set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where level = 1 and index = 0';
      const out = await auditSpoilt(
        () => asOwner(flip),
        () => asOwner(flip),
      );
      expect(out).toMatch(
        /nodes: node 0 of level 1 was changed[^]*\? {3} contents: not checked: the log itself does not hold/,
      );
    });

    it('notes a content that no task names', async () => {
      const digest = await keep.tasks.putContent(Buffer.from('left by a crash'));
      const { code, out } = await cli('ledger', 'audit');
      expect({ code, out }).toMatchObject({
        code: 0,
        out: expect.stringContaining(`note: content ${digest} belongs to no task`),
      });
      const erased = await cli('ledger', 'erase', digest, '--reason', 'it is nobody’s', '--key', people.key('ada'));
      expect(erased.code).toBe(0);
      expect((await cli('ledger', 'audit')).out).not.toContain(digest);
    });

    it('passes after an erasure, and fails when what was erased is back', async () => {
      await asOwner('create table public.kept as select sha256, bytes, salt from arbiter.contents');
      const asked = [
        '--task',
        honest.task.id,
        '--part',
        'transcript',
        '--reason',
        'asked for',
        '--key',
        people.key('ada'),
      ];
      expect((await cli('ledger', 'erase', ...asked)).code).toBe(0);
      expect(await cli('ledger', 'audit')).toMatchObject({
        code: 0,
        out: expect.stringMatching(/8 commitments: 7 hold, 1 erased by request/),
      });
      const back =
        'insert into arbiter.contents (sha256, bytes, salt) select * from public.kept k where not exists (select from arbiter.contents c where c.sha256 = k.sha256)';
      const away = 'delete from arbiter.contents c using arbiter.erasures e where e.commitment = c.commitment';
      const out = await auditSpoilt(
        () => asOwner(back),
        () => asOwner(away),
      );
      expect(out).toMatch(/the transcript is still there, and an entry says that it was erased: erase it again/);
    });

    it('notes a verdict whose clock lay behind what stood in its log already', async () => {
      const later = await json<RunOutput>('run', 'charge it again', '--agent', 'honest', '--refinements', '0');
      expect(later.task.verdict).not.toBeNull();
      expect((await json<LedgerAudit>('ledger', 'audit')).checks.flatMap(({ notes }) => notes).join()).not.toMatch(
        /clock/,
      );
      // As if they had been entered two hours later than they were: the verdict's clock was put back by as much.
      const before = `index < (select max(index) - 1 from arbiter.ledger_entries)`;
      const shift = (by: string) => asOwner(`update arbiter.ledger_entries set at_ms = at_ms ${by} where ${before}`);
      await shift('+ 7200000');
      const found = await json<LedgerAudit>('ledger', 'audit');
      await shift('- 7200000');
      expect(found.passed).toBe(true);
      const notes = found.checks.find(({ check }) => check === 'verdicts')?.notes ?? [];
      expect(notes).toHaveLength(1);
      expect(notes[0]).toMatch(new RegExp(`verdict ${later.task.verdict?.id}: its clock says .* a clock was moved`));
    });

    it('fails for a publication whose commit is not what was judged, or is nowhere', async () => {
      const id = honest.task.verdict?.id ?? '';
      const spec = {
        verdict_id: id,
        commit: repository.base,
        parents: [],
        ref: 'refs/heads/x',
        old: null,
        new: repository.base,
      };
      const draft = { apiVersion: '1.0.0', kind: 'caws-publication', spec };
      await keep.ledger.append([{ key: `${id}/publication/x/1`, draft }]);
      const nowhere = { ...draft, spec: { ...spec, commit: '1'.repeat(40) } };
      await keep.ledger.append([{ key: `${id}/publication/x/2`, draft: nowhere }]);
      const { code, out } = await cli('ledger', 'audit');
      expect({ code, out }).toMatchObject({
        code: 1,
        out: expect.stringMatching(/FAIL publications: 3 commits.*; 2 wrong/),
      });
      expect(out).toMatch(/its tree is \w+, and \w+ was judged[^]*it is not in this repository/);
    });
  },
);
