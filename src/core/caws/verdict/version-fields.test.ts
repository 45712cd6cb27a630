import { describe, expect, it } from 'vitest';
import { assembleVerdict } from './assemble-verdict.js';
import { facts, hex } from './fixtures/matter.js';
import { renderVerdict } from './verdict-yaml.js';
import { type Verdict, verdictSchema } from './verdict.js';

const work = {
  promptSha256: hex('a'),
  transcriptSha256: hex('b'),
  outputSha256: hex('c'),
  spent: { microUsd: 1200, inputTokens: 345, outputTokens: 67 },
};

/** The verdict as version 1 had it. */
function asVersion1(verdict: Verdict): unknown {
  const { judge: _judge, prev_verdict_sha256: _before, worker, clock, ...rest } = verdict;
  const named = worker && { agent: worker.agent, version: worker.version, model: worker.model };
  return { ...rest, version: 1, worker: named, clock: { wall: clock.wall } };
}

describe('version 2 of a verdict', () => {
  it('says what is known of the work, the choice, the clock and the verdict before', () => {
    const judge = { candidates: 3, candidate: 1 };
    const verdict = assembleVerdict(facts({ work, judge, previousSha256: hex('d'), monotonicMs: 42, logSize: 17 }));
    expect(verdict).toMatchObject({
      version: 2,
      worker: {
        agent: 'coding-agent',
        prompt_sha256: hex('a'),
        transcript_sha256: hex('b'),
        output_sha256: hex('c'),
        tokens: { input: 345, output: 67 },
        cost_micro_usd: 1200,
      },
      judge: { candidates: 3, candidate: 1, method: expect.stringContaining('judged alone') as string },
      prev_verdict_sha256: hex('d'),
      clock: { monotonic_ms: 42, log_size_before: 17 },
    });
  });

  it('says null, and nothing made up, of what is not known', () => {
    const verdict = assembleVerdict(facts());
    expect(verdict).toMatchObject({ judge: null, prev_verdict_sha256: null, clock: { log_size_before: null } });
    expect(verdict.worker).toEqual({
      agent: 'coding-agent',
      version: '1.0',
      model: 'm',
      prompt_sha256: null,
      transcript_sha256: null,
      output_sha256: null,
      tokens: null,
      cost_micro_usd: null,
    });
    expect(assembleVerdict(facts({ worker: null, work })).worker).toBeNull();
    expect(assembleVerdict(facts({ work: { ...work, spent: null } })).worker).toMatchObject({
      prompt_sha256: hex('a'),
      tokens: null,
      cost_micro_usd: null,
    });
  });

  it('reads a verdict of version 1 as it was written, byte by byte', () => {
    const old = verdictSchema.parse(asVersion1(assembleVerdict(facts())));
    const text = new TextDecoder().decode(renderVerdict(old));
    expect(text.startsWith('version: 1\n')).toBe(true);
    expect(text).not.toMatch(/judge|prev_verdict|monotonic|prompt_sha256|undefined/);
  });

  it('is refused when a field is missing, and version 1 when it has one', () => {
    const verdict = assembleVerdict(facts());
    const { judge: _judge, ...withoutJudge } = verdict;
    const missing = verdictSchema.safeParse(withoutJudge);
    expect(missing.error?.issues).toMatchObject([{ path: ['judge'], message: 'is missing from version 2' }]);
    const extra = { ...(asVersion1(verdict) as object), judge: null };
    expect(verdictSchema.safeParse(extra).error?.issues).toMatchObject([
      { path: ['judge'], message: 'is not in version 1' },
    ]);
    expect(verdictSchema.safeParse({ ...verdict, version: 3 }).success).toBe(false);
    expect(verdictSchema.safeParse({ ...verdict, judge: { candidates: 1, candidate: 0, method: 'x' } }).success).toBe(
      false,
    );
  });
});
