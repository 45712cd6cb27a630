import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { assembleVerdict } from './assemble-verdict.js';
import { assessWaiver } from './assess-waiver.js';
import { explainVerdict } from './explain-verdict.js';
import * as fixture from './fixtures/matter.js';

const explain = (
  parts: Parameters<typeof fixture.matter>[0],
  facts: Parameters<typeof fixture.facts>[0] = {},
): string => explainVerdict(assembleVerdict(fixture.facts({ matter: fixture.matter(parts), ...facts }))).join('\n');

describe('explainVerdict', () => {
  it('says of a FAIL what failed, under which clause, and how to mend it', () => {
    const blocked = fixture.finding({
      rule: 'D8',
      severity: 'block',
      path: 'test/a.test.js',
      line: 7,
      clause: 'constitution §3 part 6',
      message: 'the test ends the process',
      mend: 'remove process.exit',
    });
    const gates = [fixture.gate(), fixture.gate({ name: 'lint', kind: 'lint', mandatory: false, executedCount: null })];
    expect(explain({ examination: fixture.examination([blocked]), gates })).toBe(
      [
        'FAIL: the change breaks a rule that no waiver lifts (PROJ-1, tier 2)',
        '  blocks D8 test/a.test.js:7: the test ends the process',
        '    clause: constitution §3 part 6',
        '    mend: remove process.exit',
        'Budget: 3 of 50 files, 120 of 2000 lines (limits from default)',
        'Gates: lint pass (optional) · tests pass (12 tests ran)',
        'Trust: local: advises, and does not count at a protected ref, since the key is within reach of whoever made the change',
        'Next: mend what blocks and adjudicate again; rules themselves change only by a human’s signed governance commit',
      ].join('\n'),
    );
  });

  it('names the waiver that is needed, and why the one that is there does not count', () => {
    const expired = assessWaiver(
      fixture.submitted({ createdMs: fixture.nowMs - 9 * fixture.day, expiresMs: fixture.nowMs - 2 * fixture.day }),
      fixture.waiverContext,
    );
    const said = explain({ examination: fixture.examination([fixture.finding()]), waivers: [expired] });
    expect(said).toContain('WAIVER REQUIRED');
    expect(said).toContain('Waiver needed: gates: [budget_limit] for budget.lines, the whole change');
    expect(said).toContain('Next: make the change smaller, or ask');
    const taught = explain({ examination: fixture.examination([fixture.finding({ rule: 'D4' })]) });
    expect(taught).toContain('Next: mend what is named above, or ask');
    expect(said).toContain('Waiver WV-0001 does not count (expired): it expired 2 days ago');
  });

  it('never lets an override read as satisfied', () => {
    const said = explain({
      examination: fixture.examination([fixture.finding()]),
      waivers: [fixture.validWaiver()],
    });
    expect(said).toContain('PASS BY WAIVER: but for 1 waiver it would not pass (PROJ-1, tier 2) [advisory]');
    expect(said).not.toContain('keeps its working spec');
    expect(said).toContain('Leans on waiver WV-0001 for budget.lines: approved by SHA256:alice');
    expect(said).toContain(
      'Advisory because it leans on WV-0001, and nothing counts the uses of a waiver outside of a task (arbiter run)',
    );
    expect(said).toContain('let CI or a server with an enforcing key adjudicate');
  });

  it('says when gates ran without a sandbox, when nothing was measured, and when nothing ran', () => {
    expect(explain({ gates: [fixture.gate({ sandbox: 'none' })] })).toContain('without a sandbox');
    const blocked = [fixture.finding({ severity: 'block', rule: 'git.error' })];
    const said = explain(
      { examination: fixture.examination(blocked, null), gates: [], mandatoryGates: [] },
      { spec: null, base: null, change: null, trust: 'enforcing' },
    );
    expect(said).toContain('Budget: not measured');
    expect(said).toContain('Gates: none ran');
    expect(said).toContain('Trust: enforcing');
  });

  it('stays short for many findings', () => {
    const many = Array.from({ length: 5000 }, (_, line) =>
      fixture.finding({ rule: 'D4', path: 'a.js', line: line + 1 }),
    );
    const advice = many.map((finding) => ({ ...finding, severity: 'advisory' as const }));
    const said = explain({ examination: fixture.examination([...many, ...advice]) });
    expect(said.split('\n').length).toBeLessThan(50);
    expect(said).toMatch(/and \d+ more findings/);
  });

  property.prop([fc.string({ unit: 'binary', minLength: 1 })])('cannot be made to move the cursor', (text) => {
    const hostile = fixture.finding({ message: text, path: text, mend: text });
    const lines = explainVerdict(
      assembleVerdict(fixture.facts({ matter: fixture.matter({ examination: fixture.examination([hostile]) }) })),
    );
    for (const line of lines) expect(line).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/u);
  });
});
