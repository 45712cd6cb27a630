import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { planOfEditSchema, rationaleSchema } from '../../core/caws/plea.js';
import { readAnswer, readPlan } from './read-answer.js';

const block = (value: unknown): string => `\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;

describe('readAnswer', () => {
  it('reads the rationale of the last fenced block, whatever was said before it', () => {
    const early = block({ rationale: { summary: 'a draft' } });
    const text = `I think so.\n${early}\nNow it is done:\n${block({
      rationale: {
        summary: 'adds a guard',
        files: [{ path: 'src/a.ts', why: 'the guard' }],
        risks: ['none'],
        acceptance: [{ id: 'A1', met_by: 'a.test.ts' }],
      },
    })}`;
    expect(readAnswer(text)).toEqual({
      rationale: {
        summary: 'adds a guard',
        files: [{ path: 'src/a.ts', why: 'the guard' }],
        risks: ['none'],
        acceptance: [{ id: 'A1', met_by: 'a.test.ts' }],
      },
      evidence: [],
      outcome: { kind: 'change' },
      isStated: true,
    });
  });

  it('drops entries of the wrong shape, and keeps the rest', () => {
    const { rationale } = readAnswer(
      block({ rationale: { summary: 's', files: [{ path: 1 }, { path: 'a', why: 'b' }], risks: 'no list' } }),
    );
    expect(rationale).toEqual({ summary: 's', files: [{ path: 'a', why: 'b' }], risks: [], acceptance: [] });
  });

  it('takes the words for the summary where no block is, and says when there are none', () => {
    expect(readAnswer('All done.').rationale.summary).toBe('All done.');
    expect(readAnswer('x'.repeat(9000)).rationale.summary).toHaveLength(4000);
    expect(readAnswer(' \n').rationale.summary).toBe('no rationale given');
  });

  it('reads the honest exit and the call for a wider scope', () => {
    expect(readAnswer(block({ infeasible: { clause: 'A2', evidence: 'the file is not there' } })).outcome).toEqual({
      kind: 'infeasible',
      clause: 'A2',
      evidence: 'the file is not there',
    });
    expect(readAnswer(block({ amendment: { paths: ['lib/b.ts'], why: 'it stands there' } })).outcome).toEqual({
      kind: 'amendment',
      paths: ['lib/b.ts'],
      why: 'it stands there',
    });
    expect(readAnswer(block({ infeasible: { clause: '' } })).outcome).toEqual({ kind: 'change' });
    expect(readAnswer(block({ amendment: { paths: [] } })).outcome).toEqual({ kind: 'change' });
  });

  it('reads JSON without a fence, and in a fence without a language', () => {
    expect(readAnswer('{"rationale": {"summary": "bare"}}').rationale.summary).toBe('bare');
    expect(readAnswer('```\n{"rationale": {"summary": "plain"}}\n```').rationale.summary).toBe('plain');
  });

  test.prop([
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map((text) => `\`\`\`json\n${text}\n\`\`\``),
    ),
  ])('never throws, and always answers with what the schema admits', (text) => {
    expect(rationaleSchema.safeParse(readAnswer(text).rationale).success).toBe(true);
  });
});

describe('readPlan', () => {
  const plan = { approach: 'small', files: [{ path: 'src/a.ts', lines: 4 }], tests: ['a.test.ts'], risks: [] };

  it('reads a plan by itself or under `plan`, for the spec that is meant', () => {
    const wanted = planOfEditSchema.parse({ ...plan, spec_id: 'S-1' });
    expect(readPlan(block(plan), 'S-1')).toEqual(wanted);
    expect(readPlan(block({ plan: { ...plan, spec_id: 'OTHER' } }), 'S-1')).toEqual(wanted);
  });

  it('counts loosely, and guesses nothing', () => {
    expect(
      readPlan(
        block({
          files: [
            { path: 'a', lines: '12' },
            { path: 'b', lines: 1.5 },
          ],
        }),
        'S',
      )?.files,
    ).toEqual([
      { path: 'a', lines: 12 },
      { path: 'b', lines: 2 },
    ]);
    for (const bad of [
      'I would edit a file.',
      block({ files: [{ path: 'a' }] }),
      block({ files: [{ lines: 1 }] }),
      block({}),
      '```json\n{"files": [\n```',
    ])
      expect(readPlan(bad, 'S')).toBeNull();
  });
});
