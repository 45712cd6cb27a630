import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBubblewrapSandbox } from '../../src/adapters/sandbox/index.js';
import type { RunOutput } from '../../src/app/tasks/run-task.js';
import type { TaskReport } from '../../src/app/tasks/task-report.js';
import type { WaiverApproval, WaiverList, WaiverRequested } from '../../src/app/waivers/operations.js';
import type { WaiverReport } from '../../src/app/waivers/waiver-report.js';
import { type Verdict, verdictSchema } from '../../src/core/caws/verdict/verdict.js';
import { z } from 'zod';
import { entrySchema } from '../../src/core/ledger/entry.js';
import type { ScratchRepository } from '../../src/ports/scratch.js';
import { type People, createPeople, governedWithApprovers, hasSshKeygen } from '../waiver-world.js';
import { speakFrom } from './cli.js';
import { honestFix, writeToyAgent } from './toy-agent.js';
import { createWorld, quickConfig } from './world.js';

// Through the door that a user uses: a task waits, a person asks, another signs with ssh-keygen, the task goes on.
const world = createWorld({ ARBITER_FSYNC: 'off' });
const probe = await createBubblewrapSandbox().probe();
const config = quickConfig.replace('sandbox: none', `sandbox: ${probe.available ? 'bubblewrap' : 'none'}`);
let people: People;
let repository: ScratchRepository & { readonly base: string };

const { cli, json } = speakFrom(() => ({ home: world.home, cwd: repository.directory }));
const verdictOf = (report: TaskReport): Verdict =>
  verdictSchema.parse(world.ports.documents.read(readFileSync(report.task.files?.verdict ?? ''), 'verdict.yaml').value);
const runLavish = (): RunOutput => json<RunOutput>('run', 'x', '--agent', 'lavish', '--refinements', '0');
const need = ['--reason', 'The carrier publishes its prices as one table', '--mitigation', 'The table is generated'];

beforeAll(async () => {
  if (!hasSshKeygen) return;
  people = createPeople(world.home, ['ada', 'bob', 'carol', 'grace', 'mallory']);
  repository = await governedWithApprovers(world, people, { config });
  const lavish = [...honestFix, `seq 1 6000 | sed 's/.*/\\/\\/ &/' >> src/postage.js`];
  const file = writeToyAgent(world.home, 'lavish', lavish);
  expect(cli('agents', 'add', 'lavish', '--command', file, '{prompt}').code).toBe(0);
});
afterAll(async () => {
  if (hasSshKeygen) cli('down');
  await world.close();
});

describe.skipIf(!hasSshKeygen)(hasSshKeygen ? 'arbiter waiver' : 'arbiter waiver (skipped: ssh-keygen missing)', () => {
  it('takes a waiting task to a PASS that names its waiver, within two seconds of the signature, and only once', async () => {
    const first = runLavish();
    const second = runLavish();
    expect([first, second].map(({ task }) => task.state)).toEqual(['awaiting-waiver', 'awaiting-waiver']);
    expect(verdictOf(first).waivers_needed.map(({ gate }) => gate)).toEqual(['budget_limit']);

    // For any task of the spec, so that the second one wants it as well.
    const asked = json<WaiverRequested>(
      ...['waiver', 'request', '--spec', 'POST-001', '--gate', 'budget_limit', '--lines', '2000'],
      ...['--as', 'bob@example.org', '--reason-code', 'third_party_constraint', ...need],
    );
    expect(asked.waiver).toMatchObject({ id: 'WV-0001', state: 'proposed', requested_by: 'bob@example.org' });
    expect(readFileSync(asked.file, 'utf8')).toBe(asked.waiver.text);
    expect(cli('spec', 'check', asked.file, '--dialect', 'B').code).toBe(0);
    expect(cli('spec', 'check', asked.file, '--dialect', 'C').code).toBe(0);
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'caws-waiver', '-f', people.key('ada'), asked.file], {
      stdio: 'ignore',
    });

    expect(cli('up').code).toBe(0);
    const approved = json<WaiverApproval>('waiver', 'approve', 'WV-0001', '--signature', `${asked.file}.sig`);
    expect(approved).toMatchObject({ added: true, by: 'ada@example.org', missing: null, needed: 1 });
    expect(approved.resumed.toSorted()).toEqual([first.task.id, second.task.id].toSorted());

    const ended = [first, second].map(({ task }) => json<TaskReport>('task', 'watch', task.id));
    expect(ended.map(({ task }) => task.state).toSorted()).toEqual(['accepted', 'awaiting-waiver']);
    const won = ended.find(({ task }) => task.state === 'accepted');
    const lost = ended.find(({ task }) => task.state === 'awaiting-waiver');
    if (won === undefined || lost === undefined) throw new Error('one of two was to get it');
    const verdict = verdictOf(won);
    expect(verdict).toMatchObject({ verdict: 'PASS', advisory: false, advisory_reasons: [] });
    expect(verdict.waivers).toEqual([
      expect.objectContaining({
        id: 'WV-0001',
        sha256: asked.waiver.sha256,
        single_use: 'enforced',
        consumed_by: verdict.verdict_id,
      }),
    ]);
    expect(cli('verdict', 'verify', won.task.files?.verdict ?? '').code).toBe(0);
    expect(verdictOf(lost).waivers_refused).toMatchObject([{ id: 'WV-0001', reason: 'used_up' }]);
    expect(json<WaiverReport>('waiver', 'show', 'WV-0001')).toMatchObject({
      state: 'consumed',
      approvals: [{ by: 'ada@example.org' }],
      uses: [{ verdict_id: verdict.verdict_id, task_id: won.task.id }],
    });
    expect(cli('waiver', 'show', 'WV-0001').out).toContain(`used by verdict ${verdict.verdict_id}`);

    // A waiver of its own, filled in from its verdict, takes the second one through as well.
    const own = json<WaiverRequested>('waiver', 'request', '--task', lost.task.id, '--as', 'bob@example.org', ...need);
    expect(own.waiver).toMatchObject({ id: 'WV-0002', task_id: lost.task.id, gates: ['budget_limit'] });
    const byKey = cli('waiver', 'approve', 'WV-0002', '--key', people.key('carol'));
    expect(byKey.out).toContain(`Task ${lost.task.id} goes on.`);
    const passed = json<TaskReport>('task', 'watch', lost.task.id);
    const answered = passed.events.findLast(({ event }) => event.type === 'human-answered')?.at_ms ?? 0;
    const { lines } = json<{ lines: { at_ms: number; text: string }[] }>('task', 'logs', lost.task.id);
    const woken = lines.find(({ at_ms, text }) => at_ms >= answered && text.includes('examine'));
    expect((woken?.at_ms ?? Infinity) - answered).toBeLessThan(2000);
    expect(passed.task.state).toBe('accepted');
    expect(verdictOf(passed).waivers).toMatchObject([{ id: 'WV-0002', single_use: 'enforced' }]);
    expect(json<WaiverList>('waiver', 'list').waivers.map(({ id, state }) => [id, state])).toEqual([
      ['WV-0001', 'consumed'],
      ['WV-0002', 'consumed'],
    ]);
    expect(cli('down').code).toBe(0);

    // The whole life of both stands in the ledger, in order.
    const runtime = await world.ports.runtime.open(new AbortController().signal);
    const told: string[] = [];
    for await (const { bytes } of runtime.ledger.entries(0, (await runtime.ledger.head()).size)) {
      const { kind, spec } = entrySchema.parse(JSON.parse(Buffer.from(bytes).toString()));
      if (kind !== 'caws-waiver') continue;
      const { waiver_id: id, event } = z.looseObject({ waiver_id: z.string(), event: z.string() }).parse(spec);
      told.push(`${id} ${event}`);
    }
    await runtime.close();
    expect(told).toEqual(
      ['WV-0001', 'WV-0002'].flatMap((id) => ['requested', 'approved', 'consumed'].map((event) => `${id} ${event}`)),
    );
  }, 300_000);
});
