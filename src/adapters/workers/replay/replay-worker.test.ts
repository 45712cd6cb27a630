import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentOf, assignmentOf, listen } from '../../../../test/models/assignment.js';
import { encodeBase64 } from '../../../core/base64.js';
import { findJsonFault } from '../../../core/tasks/find-json-fault.js';
import { type StoredAttempt, readRecording, recordingOf } from '../../../core/tasks/recording.js';
import { nothingSpent } from '../../../core/tasks/spend.js';
import type { Worker } from '../../../ports/worker.js';
import { planOfPatch } from './plan-of-patch.js';
import { createReplayWorker } from './replay-worker.js';

const patchOf = (name: string): string =>
  `diff --git a/src/${name} b/src/${name}\nnew file mode 100644\n--- /dev/null\n+++ b/src/${name}\n@@ -0,0 +1,2 @@\n+one\n+two\n`;
const spent = { micro_usd: 50, input_tokens: 100, output_tokens: 20, turns: 2, wall_ms: 900 };
const signal = (): AbortSignal => new AbortController().signal;

let folder = '';
let written = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arbiter-replay-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function replay(attempts: readonly object[]): Promise<Worker> {
  const file = join(folder, `${(written += 1)}.json`);
  await writeFile(file, JSON.stringify({ version: 1, agent: 'pi', model: 'gpt-5', attempts }));
  return createReplayWorker(agentOf({ kind: 'replay', file }));
}

describe('replay', () => {
  it('gives back what was recorded, and who did it', async () => {
    const worker = await replay([{ patch: patchOf('a.ts'), spend: spent, news: [{ kind: 'message', text: 'hello' }] }]);
    const { told, tell } = listen();
    const assignment = assignmentOf(agentOf({ kind: 'replay' }));
    const done = await worker.work(assignment, tell, signal());
    expect(Buffer.from(done.patch).toString()).toBe(patchOf('a.ts'));
    expect(done.spend).toEqual(spent);
    expect(done.worker).toEqual({ agent: 'tester', version: 'replay of pi', model: 'gpt-5' });
    expect(told.map(({ kind }) => kind)).toEqual(['message', 'spend']);
    expect(await worker.work(assignment, () => undefined, signal())).toEqual(done);
  });

  it('answers attempt by attempt, the last one for ever, and by candidate and part', async () => {
    const worker = await replay([
      { patch: patchOf('first.ts'), chunks: { a: patchOf('part.ts') } },
      { patch: { base64: Buffer.from(patchOf('second.ts')).toString('base64') } },
      { candidate: 1, patch: patchOf('other.ts') },
    ]);
    const patch = async (extra: object): Promise<string> => {
      const assignment = assignmentOf(agentOf({ kind: 'replay' }), extra);
      return Buffer.from((await worker.work(assignment, () => undefined, signal())).patch).toString();
    };
    expect(await patch({ attempt: 1 })).toBe(patchOf('first.ts'));
    expect(await patch({ attempt: 2 })).toBe(patchOf('second.ts'));
    expect(await patch({ attempt: 9 })).toBe(patchOf('second.ts'));
    expect(await patch({ attempt: 1, chunk: 'a' })).toBe(patchOf('part.ts'));
    expect(await patch({ attempt: 1, chunk: 'unknown' })).toBe(patchOf('first.ts'));
    expect(await patch({ attempt: 2, candidate: 1 })).toBe(patchOf('other.ts'));
  });

  it('plans what was planned, or what the patch touches', async () => {
    const worker = await replay([
      { patch: patchOf('a.ts') },
      { patch: patchOf('a.ts'), plan: { files: [{ path: 'src/b.ts', lines: 3 }] } },
    ]);
    const agent = agentOf({ kind: 'replay' });
    const first = await worker.plan(assignmentOf(agent), () => undefined, signal());
    expect(first.plan).toMatchObject({ spec_id: 'FEAT-1', files: [{ path: 'src/a.ts', lines: 2 }] });
    const second = await worker.plan(assignmentOf(agent, { attempt: 2 }), () => undefined, signal());
    expect(second.plan.files).toEqual([{ path: 'src/b.ts', lines: 3 }]);
  });

  it('fails as it was recorded to fail, with what it had spent', async () => {
    const worker = await replay([
      { spend: spent, fails: { code: 'ENDPOINT_BUSY', message: 'the endpoint is busy', again: true } },
      {},
    ]);
    const agent = agentOf({ kind: 'replay' });
    await expect(worker.work(assignmentOf(agent), () => undefined, signal())).rejects.toMatchObject({
      code: 'ENDPOINT_BUSY',
      spend: spent,
      retryAfterMs: 0,
    });
    const empty = worker.work(assignmentOf(agent, { attempt: 2 }), () => undefined, signal());
    await expect(empty).rejects.toMatchObject({ code: 'NOTHING_EDITED' });
  });

  it('is cancelled in the middle of its work', async () => {
    const worker = await replay([{ patch: patchOf('a.ts'), delay_ms: 60_000 }]);
    const stop = new AbortController();
    const work = worker.work(assignmentOf(agentOf({ kind: 'replay' })), () => undefined, stop.signal);
    setTimeout(() => stop.abort(), 20);
    const startedMs = Date.now();
    await expect(work).rejects.toMatchObject({ code: 'AGENT_CANCELLED' });
    expect(Date.now() - startedMs).toBeLessThan(1500);
  });

  it.each([
    ['money', { micro_usd: 49 }],
    ['tokens', { tokens: 119 }],
    ['turns', { turns: 1 }],
    ['time', { wall_ms: 5 }],
  ])('is stopped by the bound of %s', async (bound, bounds) => {
    const worker = await replay([{ patch: patchOf('a.ts'), spend: spent, delay_ms: 200 }]);
    const open = { micro_usd: null, tokens: null, turns: null, wall_ms: 60_000 };
    const assignment = assignmentOf(agentOf({ kind: 'replay' }), { bounds: { ...open, ...bounds } });
    await expect(worker.work(assignment, () => undefined, signal())).rejects.toMatchObject({
      code: 'BOUND_REACHED',
      message: expect.stringContaining(bound),
    });
  });

  it.each([
    ['{"version": 1,\n  "agent": }', /line 2, column 12/],
    ['{"version": 1, "agent": "a", "model": "m", "attempts": [{"delay_ms": "long"}]}', /at attempts\.0\.delay_ms/],
    ['{"version": 2, "agent": "a", "model": "m", "attempts": [{}]}', /at version/],
    ['{"version": 1, "agent": "a", "model": "m", "attempts": []}', /at attempts/],
    ['{"version": 1, "agent": "a", "model": "m", "attempts": [{"patch": "\\ud800"}]}', /at attempts\.0\.patch/],
    ['', /line 1, column 1/],
  ])('says where %j is wrong', async (text, place) => {
    const file = join(folder, 'bad.json');
    await writeFile(file, text);
    await expect(createReplayWorker(agentOf({ kind: 'replay', file }))).rejects.toMatchObject({
      code: 'RECORDING_INVALID',
      message: expect.stringMatching(place),
    });
  });

  it.each([
    ['base64 that is none', { base64: `${'A'.repeat(24_000_000)}!AAA` }, /attempts\.0\.patch/],
    ['one character too many', { base64: 'AAAAA' }, /attempts\.0\.patch/],
  ])('a patch of any size is read or refused: %s', async (_, patch, place) => {
    await expect(replay([{ patch }])).rejects.toMatchObject({
      code: 'RECORDING_INVALID',
      message: expect.stringMatching(place),
    });
  });

  it('a huge text that breaks off is refused at its end', () => {
    const text = `{"version":1,"agent":"${'\\n'.repeat(6_000_000)}`;
    expect(() => readRecording(text, 'r.json')).toThrow(expect.objectContaining({ code: 'RECORDING_INVALID' }));
  });

  it('a missing file is a fault', async () => {
    const missing = agentOf({ kind: 'replay', file: join(folder, 'none.json') });
    await expect(createReplayWorker(missing)).rejects.toMatchObject({ code: 'RECORDING_INVALID' });
    await expect(createReplayWorker(agentOf({ kind: 'replay' }))).rejects.toMatchObject({ code: 'RECORDING_INVALID' });
  });
});

describe('recordingOf', () => {
  const stored: StoredAttempt = {
    candidate: 0,
    plan: null,
    patch: Buffer.from(patchOf('a.ts')),
    chunks: [],
    rationale: null,
    evidence: [],
    spend: nothingSpent,
    news: [],
    delayMs: 12.5,
    outcome: { kind: 'change' },
    failure: null,
  };

  test.prop([fc.uint8Array({ maxLength: 60 })])('any patch comes back to the byte', async (bytes) => {
    const recording = recordingOf('pi', 'm', [{ ...stored, patch: bytes }]);
    const [entry] = readRecording(JSON.stringify(recording), 'r.json').attempts;
    const patch = entry?.patch ?? '';
    const back = typeof patch === 'string' ? Buffer.from(patch) : Buffer.from(patch.base64, 'base64');
    expect([...back]).toEqual([...bytes]);
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  });

  it('keeps failures and news that a replay can bring about', () => {
    const recording = recordingOf('pi', 'm', [
      {
        ...stored,
        news: [
          { kind: 'message', text: 'hi' },
          { kind: 'spend', text: '1 USD' },
        ],
        failure: { code: 'AGENT_MISSING', message: 'gone', again: false, answer: { status: 404, code: null } },
      },
    ]);
    expect(recording.attempts[0]).toMatchObject({
      news: [{ kind: 'message', text: 'hi' }],
      delay_ms: 12,
      fails: { code: 'AGENT_FAILED', message: 'gone', answer: { status: 404, code: null } },
    });
  });
});

describe('findJsonFault', () => {
  test.prop([fc.json(), fc.nat(), fc.constantFrom('}', ']', ',', ':', 'x', '"', '\n')])(
    'finds a fault exactly where JSON.parse sees one',
    (json, at, planted) => {
      expect(findJsonFault(json)).toBe(json.length);
      const place = at % (json.length + 1);
      const broken = json.slice(0, place) + planted + json.slice(place);
      let parses = true;
      try {
        JSON.parse(broken);
      } catch {
        parses = false;
      }
      if (parses) expect(findJsonFault(broken)).toBe(broken.length);
      // what stands before the fault could still become JSON
      else expect(findJsonFault(broken.slice(0, findJsonFault(broken)))).toBe(findJsonFault(broken));
    },
  );
});

describe('planOfPatch', () => {
  it('reads paths and lines, whatever the lines look like', () => {
    const patch = [
      'diff --git a/a b/x.ts b/a b/x.ts',
      '--- a/a b/x.ts',
      '+++ b/a b/x.ts',
      '@@ -1,3 +1,3 @@',
      ' same',
      '-diff --git a/fake b/fake',
      '+@@ -1 +1 @@',
      ' same',
      'diff --git a/old.ts b/new.ts',
      'similarity index 100%',
      'rename from old.ts',
      'rename to new.ts',
      'diff --git "a/\\303\\244\\t.ts" "b/\\303\\244\\t.ts"',
      '@@ -1 +0,0 @@',
      '-gone',
      '\\ No newline at end of file',
      '',
    ].join('\n');
    expect(planOfPatch(Buffer.from(patch)).files).toEqual([
      { path: 'a b/x.ts', lines: 2 },
      { path: 'new.ts', lines: 0 },
      { path: 'ä\t.ts', lines: 1 },
    ]);
  });
});
