import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createSyntax } from '../src/adapters/syntax/create-syntax.js';
import type { ChangedFile } from '../src/core/caws/change.js';
import type { FileFacts } from '../src/core/caws/file-facts.js';
import { examineChangeTampering, examineFileTampering } from '../src/core/caws/tamper/examine-tampering.js';
import type { TamperContext } from '../src/core/caws/tamper/tamper-rule.js';

const syntax = createSyntax();

/** A way to write the same program. */
interface Style {
  readonly quote: '"' | "'";
  readonly semicolon: '' | ';';
  readonly trailing: boolean;
  readonly broken: boolean;
  readonly arrowParens: boolean;
  readonly indent: number;
  readonly comment: boolean;
}

const style: fc.Arbitrary<Style> = fc.record({
  quote: fc.constantFrom('"', "'"),
  semicolon: fc.constantFrom('', ';'),
  trailing: fc.boolean(),
  broken: fc.boolean(),
  arrowParens: fc.boolean(),
  indent: fc.constantFrom(1, 2, 4),
  comment: fc.boolean(),
});

type Value = number | string | boolean | readonly Value[] | { readonly [key: string]: Value };

interface Check {
  readonly input: Value;
  readonly matcher: 'toBe' | 'toEqual' | 'toStrictEqual' | 'toContain';
  readonly expected: Value;
  readonly negated: boolean;
}

interface Written {
  readonly title: string;
  readonly checks: readonly Check[];
}

const word = fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,5})?$/);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.integer({ min: -99, max: 99 }),
    word,
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('value'), { maxKeys: 3 }),
  ),
}));
const check: fc.Arbitrary<Check> = fc.record({
  input: value,
  matcher: fc.constantFrom('toBe', 'toEqual', 'toStrictEqual', 'toContain'),
  expected: value,
  negated: fc.boolean(),
});
const tests: fc.Arbitrary<readonly Written[]> = fc.uniqueArray(
  fc.record({ title: word, checks: fc.array(check, { minLength: 1, maxLength: 4 }) }),
  { minLength: 1, maxLength: 4, selector: (it) => it.title },
);

function text(content: string, { quote }: Style): string {
  return quote + content + quote;
}

function list(open: string, parts: readonly string[], close: string, { trailing, broken }: Style): string {
  if (parts.length === 0) return open + close;
  const glue = broken ? '\n        ' : '';
  return `${open}${glue}${parts.join(broken ? `,${glue}` : ', ')}${trailing && broken ? ',' : ''}${broken ? '\n      ' : ''}${close}`;
}

function javascriptValue(it: Value, how: Style): string {
  if (typeof it === 'string') return text(it, how);
  if (Array.isArray(it))
    return list(
      '[',
      (it as readonly Value[]).map((part) => javascriptValue(part, how)),
      ']',
      how,
    );
  if (typeof it !== 'object') return String(it);
  const quoted = how.quote === '"' ? (key: string) => `"${key}"` : (key: string) => key;
  return list(
    '{',
    Object.entries(it).map(([key, part]) => `${quoted(key)}: ${javascriptValue(part, how)}`),
    '}',
    how,
  );
}

function javascript(written: readonly Written[], how: Style): string {
  const pad = ' '.repeat(how.indent);
  const end = how.semicolon;
  const parameter = how.arrowParens ? '(t)' : 't';
  const note = how.comment ? `${pad}// a comment, with 'quotes'\n` : '';
  const assertion = (it: Check) => {
    const chain = how.broken && end === ';' ? `\n${pad}${pad}` : '';
    const subject = list('expect(', [`f(${javascriptValue(it.input, how)})`], ')', {
      ...how,
      trailing: how.trailing && end === ';',
    });
    return `${pad}${subject}${chain}${it.negated ? '.not' : ''}.${it.matcher}(${javascriptValue(it.expected, how)})${end}`;
  };
  const blocks = written.map(
    (it) => `it(${text(it.title, how)}, ${parameter} => {\n${note}${it.checks.map(assertion).join('\n')}\n})${end}`,
  );
  return `${blocks.join(how.broken ? '\n\n' : '\n')}\n`;
}

function pythonValue(it: Value, how: Style): string {
  if (typeof it === 'string') return text(it, how);
  if (typeof it === 'boolean') return it ? 'True' : 'False';
  if (Array.isArray(it))
    return list(
      '[',
      (it as readonly Value[]).map((part) => pythonValue(part, how)),
      ']',
      how,
    );
  if (typeof it !== 'object') return String(it);
  return list(
    '{',
    Object.entries(it).map(([key, part]) => `${text(key, how)}: ${pythonValue(part, how)}`),
    '}',
    how,
  );
}

function python(written: readonly Written[], how: Style): string {
  const pad = ' '.repeat(how.indent);
  const note = how.comment ? `${pad}# a comment, with 'quotes'\n` : '';
  const assertion = (it: Check) => {
    const operator = it.matcher === 'toContain' ? (it.negated ? 'not in' : 'in') : it.negated ? '!=' : '==';
    const question = `f(${pythonValue(it.input, how)}) ${operator} ${pythonValue(it.expected, how)}`;
    return `${pad}assert ${how.broken ? `(\n${pad}${pad}${question}\n${pad})` : question}`;
  };
  const blocks = written.map(
    (it) => `def test_${it.title.replaceAll(' ', '_')}():\n${note}${it.checks.map(assertion).join('\n')}\n`,
  );
  return blocks.join(how.broken ? '\n\n' : '\n');
}

const changed = { status: 'M', added: 1, removed: 1, binary: false, oldMode: '100644', newMode: '100644' } as const;

/** Findings of D1 to D4; which lines changed does not matter to them. */
function aboutTests(path: string, oldText: string, newText: string) {
  const file: ChangedFile = {
    ...changed,
    oldPath: path,
    newPath: path,
    oldBlob: 'a',
    newBlob: 'b',
    longLineSurplus: 0,
  };
  const [oldSyntax, newSyntax] = [syntax.extract(path, oldText), syntax.extract(path, newText)];
  expect([...oldSyntax.errorLines, ...newSyntax.errorLines]).toEqual([]);
  const facts: FileFacts = { file, oldText, newText, addedLines: [], removedLines: [], oldSyntax, newSyntax };
  const context: TamperContext = { change: contextChange(file), spec: null, admission: null };
  const { findings, notes } = examineFileTampering(facts, context);
  return [...findings, ...examineChangeTampering([notes], context)].filter((finding) => /^D[1-4]$/.test(finding.rule));
}

function contextChange(file: ChangedFile): TamperContext['change'] {
  const totals = { files: 1, added: 1, removed: 1, loc: 2 };
  const id = '0'.repeat(40);
  return { base: id, baseTree: id, head: null, tree: id, contentSha256: '0'.repeat(64), files: [file], totals };
}

const languages = [
  { path: 'test/a.test.js', render: javascript },
  { path: 'tests/test_a.py', render: python },
];

describe.each(languages)('tests in $path', ({ path, render }) => {
  test.prop([tests, style, style], { numRuns: 60 })(
    'may be formatted anew without a finding of D1 to D4',
    (written, one, other) => {
      expect(aboutTests(path, render(written, one), render(written, other))).toEqual([]);
    },
  );

  test.prop([tests, style, fc.nat()], { numRuns: 60 })(
    'may come in another order, with new ones among them',
    (written, how, turn) => {
      const turned = [...written.slice(turn % written.length), ...written.slice(0, turn % written.length)];
      const fresh: Written = {
        title: 'zzzzzzzzzz',
        checks: [{ input: 1, matcher: 'toBe', expected: 2, negated: false }],
      };
      expect(aboutTests(path, render(written, how), render([...turned, fresh], how))).toEqual([]);
    },
  );

  test.prop([tests, style, style, fc.nat()], { numRuns: 60 })(
    'do not lose a test unseen',
    (written, one, other, which) => {
      const kept = written.filter((_, index) => index !== which % written.length);
      const lost = written[which % written.length];
      const asked = (it: Written | undefined) => it?.checks.map((part) => JSON.stringify(part)) ?? [];
      const elsewhere = new Set(kept.flatMap(asked));
      fc.pre(asked(lost).every((part) => !elsewhere.has(part)));
      const rules = aboutTests(path, render(written, one), render(kept, other)).map((it) => it.rule);
      expect(rules).toContain('D1');
    },
  );

  test.prop([tests, style, style, fc.nat()], { numRuns: 60 })(
    'do not change an expectation unseen',
    (written, one, other, which) => {
      const index = which % written.length;
      const [first, ...rest] = written[index]?.checks ?? [];
      fc.pre(first !== undefined && JSON.stringify(first.expected) !== '4711');
      const edited = written.map((it, at) =>
        at === index && first !== undefined ? { ...it, checks: [{ ...first, expected: 4711 }, ...rest] } : it,
      );
      const rules = aboutTests(path, render(written, one), render(edited, other)).map((it) => it.rule);
      expect(rules.some((rule) => rule === 'D3' || rule === 'D4')).toBe(true);
    },
  );
});

describe('files of thousands of tests', () => {
  const many = (count: number, line: (at: number) => string) =>
    Array.from({ length: count }, (_, at) => line(at)).join('\n');
  const inOne = (body: string) => `it('a', () => {\n${body}\n});`;
  const pairs: readonly (readonly [string, string, string, number])[] = [
    [
      'one test whose every expectation changed',
      inOne(many(4000, (at) => `expect(f()).toBe(${at});`)),
      inOne(many(4000, (at) => `expect(f()).toBe(${at + 5000});`)),
      4000,
    ],
    [
      'one test whose every question changed',
      inOne(many(4000, (at) => `expect(f(${at})).toBe(a${at});`)),
      inOne(many(4000, (at) => `expect(g(b${at})).toBe(c${at});`)),
      4000,
    ],
    [
      'as many other tests',
      many(3000, (at) => `it('a${at}', () => { expect(f(${at})).toBe(${at}); });`),
      many(3000, (at) => `it('b${at}', () => { expect(g(x${at})).toBe(y${at}); });`),
      3000,
    ],
    [
      'tables whose every row changed',
      many(
        20,
        (test_) =>
          `it.each([${many(400, (at) => `[${at}, ${test_}],`)}])('t${test_}', (a, b) => { expect(a).toBe(b); });`,
      ),
      many(
        20,
        (test_) =>
          `it.each([${many(400, (at) => `[${at + 900}, ${test_ + 30}],`)}])('t${test_}', (a, b) => { expect(a).toBe(b); });`,
      ),
      8000,
    ],
  ];

  // Comparing all with all would not come to an end within the time that vitest gives.
  it.each(pairs)('reports %s', (_name, old, now, count) => {
    expect(aboutTests('test/a.test.js', old, now).length).toBeGreaterThanOrEqual(count);
  });
});
