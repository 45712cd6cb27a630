import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { assembleVerdict } from '../verdict/assemble-verdict.js';
import { facts } from '../verdict/fixtures/matter.js';
import { rangesOf } from './added-ranges.js';
import { composeAgentTrace } from './agent-trace.js';
import { composeAuthorshipNote } from './authorship-note.js';
import type { Evidence } from './evidence.js';

const verdict = assembleVerdict(facts({ task: { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', attempt: 2 } }));
const evidence: Evidence = {
  verdict,
  worker: { agent: 'coder', version: '1.2', model: 'some/model' },
  sha256: 'a'.repeat(64),
  commit: 'c'.repeat(40),
  added: [
    {
      path: 'src/a b.ts',
      ranges: [
        { from: 1, to: 3 },
        { from: 9, to: 9 },
      ],
    },
    { path: '---', ranges: [{ from: 2, to: 2 }] },
    { path: 'gone.ts', ranges: [] },
    { path: 'quo"ted.ts', ranges: [{ from: 1, to: 1 }] },
    { path: 'bad\udcff.ts', ranges: [{ from: 1, to: 1 }] },
  ],
};

describe('ranges', () => {
  test.prop([fc.array(fc.integer({ min: 1, max: 60 }))])('hold exactly their lines, apart and in order', (lines) => {
    const ranges = rangesOf(lines);
    const held = ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
    expect(held).toEqual([...new Set(lines)].sort((a, b) => a - b));
    for (const [index, { to }] of ranges.entries()) expect(ranges[index + 1]?.from ?? to + 2).toBeGreaterThan(to + 1);
  });
});

describe('the authorship log', () => {
  const note = composeAuthorshipNote(evidence);

  it('names sessions and lines as git-ai reads them', () => {
    const [attested = '', metadata = ''] = note.split(/^---\n/m);
    const session = Object.keys((JSON.parse(metadata) as { sessions: object }).sessions)[0] ?? '';
    expect(session).toMatch(/^s_[0-9a-f]{14}$/);
    const key = `${session}::t_${verdict.nonce.slice(0, 14)}`;
    expect(attested).toBe(`"src/a b.ts"\n  ${key} 1-3,9\n"---"\n  ${key} 2\n`);
    expect(JSON.parse(metadata)).toMatchObject({
      schema_version: 'authorship/3.0.0',
      base_commit_sha: verdict.base?.commit,
      prompts: {},
      sessions: { [session]: { agent_id: { tool: 'coder', id: `${verdict.task_id}/2`, model: 'some/model' } } },
    });
  });

  it('has one divider, whatever a path is called', () => {
    expect(note.split('\n').filter((line) => line === '---')).toHaveLength(1);
  });
});

describe('the trace record', () => {
  it('holds what Agent Trace 0.1.0 asks for, and only paths that JSON can hold', () => {
    const record = JSON.parse(composeAgentTrace(evidence)) as { id: string; files: { path: string }[] };
    expect(record).toMatchObject({
      version: '0.1.0',
      timestamp: verdict.clock.wall,
      vcs: { type: 'git', revision: evidence.commit },
      tool: { name: 'coder', version: '1.2' },
      metadata: { caws: { verdict_id: verdict.verdict_id } },
    });
    expect(record.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(record.files.map(({ path }) => path)).toEqual(['src/a b.ts', '---', 'quo"ted.ts']);
    expect(record.files[0]).toMatchObject({
      conversations: [
        { contributor: { type: 'ai', model_id: 'some/model' }, ranges: [{ start_line: 1, end_line: 3 }, {}] },
      ],
    });
  });

  it('names no model that the format has no room for', () => {
    for (const model of ['', 'x'.repeat(251)]) {
      expect(composeAgentTrace({ ...evidence, worker: { ...evidence.worker, model } })).not.toContain('model_id');
    }
  });
});
