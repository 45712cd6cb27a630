import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { assembleVerdict } from './assemble-verdict.js';
import { examination, facts, finding, gate, matter, validWaiver } from './fixtures/matter.js';
import { renderVerdict } from './verdict-yaml.js';
import { type Verdict, verdictSchema } from './verdict.js';

const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

function parse(text: string, version: '1.1' | '1.2' = '1.2'): unknown {
  const document = parseDocument(text, { strict: true, uniqueKeys: true, version });
  expect(document.errors).toEqual([]);
  expect(document.warnings).toEqual([]);
  return document.toJS({ maxAliasCount: 0 });
}

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
const anyFinding = fc.record({
  rule: text,
  clause: text,
  severity: fc.constantFrom('block' as const, 'waivable' as const, 'advisory' as const),
  path: fc.option(text),
  line: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
  message: text,
  why: text,
  mend: text,
});
const anyGate = fc
  .record({
    name: text,
    outcome: fc.constantFrom('pass' as const, 'fail' as const, 'error' as const, 'not_run' as const),
    reason: fc.option(text),
    exit: fc.option(fc.integer()),
    metrics: fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,9}$/), fc.integer()),
  })
  .map(gate);

describe('renderVerdict', () => {
  property.prop([fc.array(anyFinding, { maxLength: 4 }), fc.array(anyGate, { maxLength: 3 }), text])(
    'is read back as what was written, by YAML 1.2 and 1.1',
    (findings, gates, task) => {
      const verdict = assembleVerdict(
        facts({ matter: matter({ examination: examination(findings), gates }), task: { id: task, attempt: 1 } }),
      );
      const written = decode(renderVerdict(verdict));
      expect(parse(written)).toEqual(verdict);
      expect(parse(written, '1.1')).toEqual(verdict);
    },
  );

  property.prop([fc.array(anyFinding, { minLength: 1, maxLength: 4 })])('hides nothing from a reader', (findings) => {
    const written = decode(
      renderVerdict(assembleVerdict(facts({ matter: matter({ examination: examination(findings) }) }))),
    );
    expect(written).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|\p{Zl}|\p{Zp}/u);
    expect(written.endsWith('\n') && !written.endsWith('\n\n')).toBe(true);
  });

  property.prop([fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 6 })])(
    'writes metrics by name, in whatever order they came',
    (names) => {
      const render = (keys: readonly string[]) =>
        renderVerdict(
          assembleVerdict(
            facts({ matter: matter({ gates: [gate({ metrics: Object.fromEntries(keys.map((key) => [key, 1])) })] }) }),
          ),
        );
      expect(render(names)).toEqual(render([...names].reverse()));
    },
  );

  it('writes a verdict that contradicts itself never', () => {
    const verdict: Verdict = { ...assembleVerdict(facts()), verdict: 'FAIL' };
    expect(() => renderVerdict(verdict)).toThrow(expect.objectContaining({ code: 'VERDICT_INVALID' }));
  });

  it('writes a path that is not UTF-8 by its bytes', () => {
    const verdict = assembleVerdict(
      facts({ matter: matter({ examination: examination([finding({ path: 'caf\udce9.txt' })]) }) }),
    );
    expect(verdict.findings[0]?.path).toBe('caf\\xe9.txt');
    expect(parse(decode(renderVerdict(verdict)))).toEqual(verdict);
  });

  it('stays below a megabyte for a change with a hundred thousand findings, gravest kept', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => finding({ rule: 'scope.out', path: `vendor/${index}` }));
    const verdict = assembleVerdict(
      facts({ matter: matter({ examination: examination([...many, finding({ severity: 'block', rule: 'D8' })]) }) }),
    );
    expect(verdict.findings[0]?.rule).toBe('D8');
    expect(verdict.findings.length + verdict.findings_omitted).toBe(100_001);
    expect(renderVerdict(verdict).length).toBeLessThan(1024 * 1024);
  });

  it('refuses floats, unknown keys and missing keys', () => {
    const verdict = assembleVerdict(facts({ matter: matter({ waivers: [validWaiver()] }) }));
    expect(verdictSchema.safeParse({ ...verdict, attempt: 0.5 }).success).toBe(false);
    expect(verdictSchema.safeParse({ ...verdict, extra: 1 }).success).toBe(false);
    const { nonce: _nonce, ...short } = verdict;
    expect(verdictSchema.safeParse(short).success).toBe(false);
  });
});
