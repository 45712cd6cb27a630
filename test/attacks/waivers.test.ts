import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admit } from '../../src/app/adjudicate/admit.js';
import { operations } from '../../src/app/operations.js';
import { useRepository } from '../../src/app/use-repository.js';
import type { WaiverApproval } from '../../src/app/waivers/operations.js';
import { waiverRequestSchema } from '../../src/app/waivers/request-waiver.js';
import type { WaiverReport } from '../../src/app/waivers/waiver-report.js';
import type { AssessedWaiver } from '../../src/core/caws/verdict/waiver-standing.js';
import { digestBytes, encodeUtf8 } from '../../src/core/digest.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import type { WaiverDraft } from '../../src/ports/waiver-store.js';
import { createWorld } from '../e2e/world.js';
import { type People, createPeople, governedWithApprovers, hasSshKeygen } from '../waiver-world.js';

// Attack 10 of the design: expired, foreign, self-approved, reused waivers, and signatures of one kind offered as another.
// At the door where people hand signatures in, and at the verdict, for whoever can write into the database himself.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const { ports, context } = world;
let people: People;
let repository: ScratchRepository & { readonly base: string };
let runtime: OpenRuntime;
let repositoryId: string;

beforeAll(async () => {
  if (!hasSshKeygen) return;
  people = createPeople(world.home, ['ada', 'bob', 'carol', 'grace', 'mallory']);
  repository = await governedWithApprovers(world, people);
  repositoryId = await useRepository(ports, repository.directory, context.signal, (git) => git.repositoryId());
  runtime = await ports.runtime.open(context.signal);
});
afterAll(async () => {
  if (hasSshKeygen) {
    await runtime.close();
    await ports.runtime.stopServer();
  }
  await world.close();
});

const request = async (more: object = {}): Promise<WaiverReport> => {
  const input = waiverRequestSchema.parse({
    repository: repository.directory,
    spec: 'POST-001',
    gates: ['budget_limit'],
    lines: 500,
    reason: 'The carrier publishes its prices as one table',
    mitigation: 'The table is generated, and checked against its source',
    as: 'bob@example.org',
    ...more,
  });
  return (await operations['waiver request'].run(ports, input, context)).waiver;
};
const approve = (id: string, signature: string): Promise<WaiverApproval> =>
  operations['waiver approve'].run(ports, { repository: repository.directory, id, signature }, context);
const withdraw = (word: 'deny' | 'revoke', id: string, signature: string): Promise<WaiverReport> =>
  operations[`waiver ${word}`].run(ports, { repository: repository.directory, id, signature }, context);
const refused = (reason: string) => ({ code: 'WAIVER_REFUSED', message: expect.stringContaining(`(${reason})`) });

interface Judging {
  readonly lastEntryMs?: number;
  readonly clockMs?: number;
  readonly taskId?: string;
  readonly worker?: string;
  readonly claim?: string;
}

/** What a verdict on a change of this repository would make of every waiver. */
async function lawOf(desk: Judging): Promise<readonly AssessedWaiver[]> {
  return useRepository(ports, repository.directory, context.signal, async (git) => {
    const base = await git.resolveCommit(repository.base);
    const candidate = { base, head: null, tree: base.tree };
    const { lastEntryMs = null, clockMs } = desk;
    const clock = clockMs === undefined ? ports.clock : { ...ports.clock, nowMs: () => clockMs };
    const law = await admit({ ...ports, clock }, git, candidate, {
      spec: 'POST-001',
      needsSpec: true,
      workers: [desk.worker ?? 'some-agent'],
      desk: {
        store: runtime.waivers,
        taskId: desk.taskId ?? 'T1',
        claim: desk.claim ?? 'claim',
        lastEntryMs: async () => lastEntryMs,
      },
    });
    return law.waivers;
  });
}

/** The same of one waiver. */
const judged = async (id: string, desk: Judging = {}): Promise<AssessedWaiver | undefined> =>
  (await lawOf(desk)).find((waiver) => waiver.id === id);

/** Puts bytes and a signature into the store past every door, as who writes into the database could. */
async function smuggle(id: string, text: string, by: string, more: Partial<WaiverDraft> = {}): Promise<void> {
  const bytes = encodeUtf8(text);
  const draft = {
    repositoryId,
    id,
    sha256: digestBytes(bytes),
    bytes,
    specId: 'POST-001',
    taskId: null,
    root: repository.directory,
    requestedBy: 'bob@example.org',
    atMs: Date.now(),
    ...more,
  };
  await runtime.waivers.submit(draft);
  const signature = readFileSync(people.sign(by, text), 'utf8');
  await runtime.waivers.tell(repositoryId, id, {
    kind: 'approved',
    atMs: Date.now(),
    by: 'ada@example.org',
    keyId: `key of ${by}`,
    signature,
  });
}
const waiverText = (
  id: string,
  more: { requester?: string; scope?: string; from?: number; to?: number } = {},
): string => {
  const at = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
  return `id: ${id}
title: A price table in one change
status: active
gates: [budget_limit]
reason: The carrier publishes its prices as one table
mitigation: The table is generated
requested_by: ${more.requester ?? 'bob@example.org'}
approved_by: ada@example.org
approvers: [{handle: ada@example.org}]
created_at: "${at(more.from ?? -1)}"
expires_at: "${at(more.to ?? 3)}"
scope: {spec_id: POST-001${more.scope ?? ''}}
delta: {max_files: 0, max_loc: 500}
`;
};

const skipped = hasSshKeygen ? '' : ' (skipped: ssh-keygen missing)';

describe.skipIf(!hasSshKeygen)(`attack 13: the clock of the machine that judges goes back${skipped}`, () => {
  const day = 86_400_000;
  it('honest twin: within its time a waiver counts, whatever the ledger saw before', async () => {
    await smuggle('WV-8101', waiverText('WV-8101', { from: -3, to: 2 }), 'ada');
    expect(await judged('WV-8101', { lastEntryMs: Date.now() - day })).toMatchObject({ standing: 'valid' });
  });

  it('a waiver that expired stays expired: the ledger has seen a later day, and is named', async () => {
    await smuggle('WV-8102', waiverText('WV-8102', { from: -3, to: -1 }), 'ada');
    const back = { clockMs: Date.now() - 2 * day };
    expect(await judged('WV-8102', back)).toMatchObject({ standing: 'valid' });
    expect(await judged('WV-8102', { ...back, lastEntryMs: Date.now() })).toMatchObject({
      standing: 'refused',
      reason: 'expired',
      detail: expect.stringMatching(
        /by the ledger, whose last entry is of \d{4}-.*: this machine’s clock is behind it/,
      ),
    });
  });

  it('and forward: what is dated after it does not count yet, and the ledger takes nothing back', async () => {
    await smuggle('WV-8103', waiverText('WV-8103', { from: 1, to: 3 }), 'ada');
    expect(await judged('WV-8103')).toMatchObject({ standing: 'refused', reason: 'not_yet_valid' });
    expect(await judged('WV-8103', { clockMs: Date.now() + 4 * day, lastEntryMs: Date.now() })).toMatchObject({
      standing: 'refused',
      reason: 'expired',
    });
  });
});

describe.skipIf(!hasSshKeygen)(`attack 10: a waiver that is expired, foreign, self-approved or used${skipped}`, () => {
  it('honest twin: asked for by one, signed by another, it counts', async () => {
    const { id, text } = await request();
    expect(await judged(id)).toMatchObject({ standing: 'refused', reason: 'unsigned' });
    const approved = await approve(id, people.sign('ada', text));
    expect(approved).toMatchObject({ added: true, missing: null, by: 'ada@example.org', waiver: { state: 'signed' } });
    expect(await judged(id)).toMatchObject({ standing: 'valid', waiver: { delta: { maxLoc: 500 }, maxUses: 1 } });
    expect(await approve(id, people.sign('ada', text))).toMatchObject({ added: false, missing: null });
  });

  it.each([
    ['self-approved', 'bob', 'caws-waiver', 'self_approved'],
    ['by a key in nobody’s list', 'mallory', 'caws-waiver', 'foreign_signature'],
    ['by a signer who is no approver', 'grace', 'caws-waiver', 'not_an_approver'],
    ['in the namespace of a review', 'ada', 'caws-review', 'wrong_namespace'],
  ])('%s: refused, and nothing is recorded', async (_what, name, namespace, reason) => {
    const { id, text } = await request();
    await expect(approve(id, people.sign(name, text, namespace))).rejects.toMatchObject(refused(reason));
    const { waivers } = await operations['waiver list'].run(
      ports,
      { repository: repository.directory, spec: 'POST-001' },
      context,
    );
    expect(waivers.find((waiver) => waiver.id === id)).toMatchObject({ state: 'proposed', approvals: [] });
    expect(await judged(id)).toMatchObject({ standing: 'refused', reason: 'unsigned' });
  });

  it('another text than the one that stands there: refused, and CRLF or a byte order mark is named', async () => {
    const { id, text } = await request();
    const sign = (changed: string): string => people.sign('ada', changed);
    const enlarged = text.replace('max_loc: 500', 'max_loc: 5000');
    expect(enlarged).not.toBe(text);
    await expect(approve(id, sign(enlarged))).rejects.toMatchObject(refused('broken_signature'));
    await expect(approve(id, sign(text.replaceAll('\n', '\r\n')))).rejects.toThrow(/Windows line ends/);
    await expect(approve(id, sign(`\uFEFF${text}`))).rejects.toThrow(/byte order mark/);
  });

  it('a signature file that an editor rewrote, that is none, or that holds two: refused as that', async () => {
    const { id, text } = await request();
    const path = people.sign('ada', text);
    const good = readFileSync(path, 'utf8');
    for (const [content, message] of [
      [good.replaceAll('\n', '\r\n'), /CRLF/],
      [`\uFEFF${good}`, /byte order mark/],
      [good + good, /more than one/],
      [Buffer.from([0xff, 0xfe]), /not text/],
    ] as const) {
      writeFileSync(path, content);
      const asked = approve(id, path);
      await expect(asked).rejects.toMatchObject({ code: 'WAIVER_SIGNATURE_UNREADABLE' });
      await expect(asked).rejects.toThrow(message);
    }
    writeFileSync(path, 'approved by me');
    await expect(approve(id, path)).rejects.toMatchObject(refused('broken_signature'));
    await expect(approve(id, `${path}.not-there`)).rejects.toMatchObject({ code: 'FILE_MISSING' });
    const both = { repository: repository.directory, id, signature: path, key: people.key('ada') };
    await expect(operations['waiver approve'].run(ports, both, context)).rejects.toThrow(/one of/);
    writeFileSync(path, good);
    expect(await approve(id, path)).toMatchObject({ added: true });
  });

  it('an id that is not there, and one of another repository', async () => {
    await expect(approve('WV-9998', people.sign('ada', 'x'))).rejects.toMatchObject({ code: 'WAIVER_UNKNOWN' });
    const text = waiverText('WV-8001', { scope: `, repository_id: ${'f'.repeat(64)}` });
    await smuggle('WV-8001', text, 'ada');
    expect(await judged('WV-8001')).toMatchObject({ standing: 'refused', reason: 'wrong_repository' });
    await smuggle('WV-8002', waiverText('WV-8002', { scope: `, repository_id: ${repositoryId}` }), 'ada');
    expect(await judged('WV-8002')).toMatchObject({ standing: 'valid' });
  });

  it('for another task, and of the worker’s own asking', async () => {
    await smuggle('WV-8011', waiverText('WV-8011', { scope: ', task_id: T1' }), 'ada');
    expect(await judged('WV-8011', { taskId: 'T1' })).toMatchObject({ standing: 'valid' });
    expect(await judged('WV-8011', { taskId: 'T2' })).toMatchObject({ standing: 'refused', reason: 'wrong_task' });
    await smuggle('WV-8012', waiverText('WV-8012', { requester: 'the-agent' }), 'ada');
    expect(await judged('WV-8012')).toMatchObject({ standing: 'valid' });
    expect(await judged('WV-8012', { worker: 'the-agent' })).toMatchObject({ reason: 'requested_by_worker' });
  });

  it('expired, or longer than its tier allows: refused when asked for, when signed and when judged', async () => {
    await smuggle('WV-8021', waiverText('WV-8021', { from: -3, to: -1 }), 'ada');
    expect(await judged('WV-8021')).toMatchObject({ standing: 'refused', reason: 'expired' });
    const signature = people.sign('ada', waiverText('WV-8021', { from: -3, to: -1 }));
    await expect(approve('WV-8021', signature)).rejects.toMatchObject(refused('expired'));
    await smuggle('WV-8022', waiverText('WV-8022', { to: 400 }), 'ada');
    expect(await judged('WV-8022')).toMatchObject({ standing: 'refused', reason: 'too_long' });
    await expect(request({ days: 400 })).rejects.toMatchObject({
      code: 'WAIVER_INVALID',
      message: expect.stringContaining('90 that tier 3 allows'),
    });
    const { requested, expires } = await request({ days: 90 });
    expect(Date.parse(expires ?? '') - Date.parse(requested)).toBe(90 * 86_400_000);
  });

  it('reused: what one verdict has used lifts nothing in another, wherever its bytes are put', async () => {
    const { id, sha256, text } = await request();
    await approve(id, people.sign('ada', text));
    const user = { claim: 'first', verdictId: 'V1', taskId: 'T1', atMs: Date.now() };
    await runtime.waivers.consume(repositoryId, [{ id, sha256, maxUses: 1 }], user);
    expect(await judged(id, { claim: 'first' })).toMatchObject({ standing: 'valid' });
    expect(await judged(id, { claim: 'second' })).toMatchObject({ reason: 'used_up', detail: /V1/ });
    await expect(approve(id, people.sign('carol', text))).rejects.toMatchObject(refused('used_up'));
    await smuggle('WV-8041', text, 'ada', { sha256: 'a'.repeat(64) });
    const laws = await lawOf({ claim: 'second' });
    expect(laws.filter((waiver) => waiver.sha256 === sha256).map((waiver) => waiver.standing)).toEqual([
      'refused',
      'refused',
    ]);
    const before = repository.base;
    const base = await repository.commit('the same bytes at the base', {
      [`.caws/waivers/${id}.yaml`]: text,
      [`.caws/waivers/${id}.yaml.sig`]: readFileSync(people.sign('ada', text), 'utf8'),
    });
    repository = { ...repository, base };
    expect(await judged(id, { claim: 'second' })).toMatchObject({ standing: 'refused', reason: 'used_up' });
    execFileSync('git', ['-C', repository.directory, 'reset', '-q', '--hard', before]);
    repository = { ...repository, base: before };
  });

  it('a row that says that somebody approved it: the verdict believes the signature alone', async () => {
    await smuggle('WV-8031', waiverText('WV-8031'), 'mallory');
    expect(await judged('WV-8031')).toMatchObject({ standing: 'refused', reason: 'foreign_signature' });
    await smuggle('WV-8032', waiverText('WV-8032'), 'bob');
    expect(await judged('WV-8032')).toMatchObject({ standing: 'refused', reason: 'self_approved' });
  });

  it('denied and revoked by an approver’s word over that very line, by nobody else, and for good', async () => {
    const asked = await request();
    await expect(withdraw('deny', asked.id, people.sign('mallory', asked.statements.deny))).rejects.toMatchObject({
      code: 'WAIVER_REFUSED',
    });
    await expect(withdraw('deny', asked.id, people.sign('grace', asked.statements.deny))).rejects.toThrow(/approvers/);
    // Neither kind of signature stands for the other.
    await expect(withdraw('deny', asked.id, people.sign('ada', asked.text))).rejects.toThrow(/broken/);
    await expect(approve(asked.id, people.sign('ada', asked.statements.deny))).rejects.toMatchObject(
      refused('broken_signature'),
    );
    await expect(withdraw('revoke', asked.id, people.sign('ada', asked.statements.revoke))).rejects.toMatchObject({
      code: 'WAIVER_SETTLED',
    });
    expect(await withdraw('deny', asked.id, people.sign('ada', asked.statements.deny))).toMatchObject({
      state: 'denied',
      withdrawn: { kind: 'denied', by: 'ada@example.org' },
    });
    await expect(approve(asked.id, people.sign('carol', asked.text))).rejects.toMatchObject(refused('denied'));
    expect(await judged(asked.id)).toMatchObject({ standing: 'refused', reason: 'denied' });

    const signed = await request();
    await approve(signed.id, people.sign('ada', signed.text));
    expect(await judged(signed.id)).toMatchObject({ standing: 'valid' });
    await expect(withdraw('deny', signed.id, people.sign('ada', signed.statements.deny))).rejects.toThrow(
      /approved already/,
    );
    await withdraw('revoke', signed.id, people.sign('carol', signed.statements.revoke));
    expect(await judged(signed.id)).toMatchObject({ standing: 'refused', reason: 'revoked' });
    const shown = await operations['waiver show'].run(
      ports,
      { repository: repository.directory, id: signed.id },
      context,
    );
    expect(shown).toMatchObject({ state: 'revoked', approvals: [{ by: 'ada@example.org' }] });
  });

  it('a request without what it needs is refused with what to do', async () => {
    await expect(request({ gates: [] })).rejects.toThrow(/what the waiver is for/);
    await expect(request({ spec: 'NONE-001' })).rejects.toMatchObject({ code: 'SPEC_NOT_FOUND' });
    await expect(request({ task: '01ARZ3NDEKTSV4RRFFQ69G5FAV' })).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
    for (const bad of [{ reason: ' ' }, { mitigation: '' }, { reasonCode: 'because' }, { days: -1 }, { maxUses: 0 }]) {
      await expect(request(bad)).rejects.toThrow(/invalid|expected|small|Too/i);
    }
    const out = join(world.home, 'taken.yaml');
    writeFileSync(out, 'x');
    await expect(request({ out })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  });
});

describe.skipIf(!hasSshKeygen)('a policy that asks for two approvers', () => {
  it('is met by two people, not by one who signs twice, and says what is missing', async () => {
    const first = repository;
    repository = await governedWithApprovers(world, people, {
      policy: (text) => `${text}edit_rules:\n  policy_and_code_same_pr: false\n  min_approvers_for_budget_raise: 2\n`,
    });
    try {
      const { id, text } = await request();
      const one = await approve(id, people.sign('ada', text));
      expect(one).toMatchObject({ needed: 2, missing: '1 of 2 approvers signed', resumed: [] });
      expect(await approve(id, people.sign('ada', text))).toMatchObject({ added: false, needed: 2 });
      expect(await approve(id, people.sign('carol', text))).toMatchObject({ added: true, missing: null });
    } finally {
      repository = first;
    }
  });
});
