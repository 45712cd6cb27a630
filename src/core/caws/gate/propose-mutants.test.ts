import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { tokenizeJs } from './js-tokens.js';
import { applyMutant, proposeMutants } from './propose-mutants.js';

const allLines = (text: string): number[] => text.split('\n').map((_, index) => index + 1);
const mutantsOf = (text: string, path = 'src/a.ts', lines = allLines(text)) =>
  proposeMutants([{ path, text, lines }], 1000);
const changes = (text: string, path?: string): string[] =>
  mutantsOf(text, path).map((mutant) => `${mutant.original} → ${mutant.replacement}`);

describe('proposeMutants', () => {
  it.each([
    ['const x = a === b;', ['=== → !==']],
    ['const x = a < b;', ['< → <=', '< → >=']],
    ['const x = a && !b;', ['&& → ||', '! → ']],
    ['const x = a ?? b;', ['?? → &&']],
    ['const x = a + 1;', ['+ → -']],
    ['x += 2;', ['+= → -=']],
    ['n++;', ['++ → --']],
    ['const x = true;', ['true → false']],
    ["const x = 'text';", ["'text' → ''"]],
    ['function f() { return n; }', ['n → undefined']],
    ['if (ready) go = 1;', ['ready → false', 'ready → true']],
    ['while (ready) n += 1;', ['ready → false', '+= → -=']],
    ['save(a, b);', ['save(a, b) → void 0']],
    ['await this.store.save(a)[0](b);', ['await this.store.save(a)[0](b) → void 0']],
  ])('of %s are %j', (text, expected) => {
    expect(changes(text)).toEqual(expected);
  });

  it.each([
    ['a comment', '// a === b && c\n/* a < b */'],
    ['a string of operators, emptied as a whole only', "f = x('a === b');", "'a === b' → ''"],
    ['a template', 'f = `a === b ${c} && d`;'],
    ['a regular expression', 'f = /a === b && "c"/;'],
    ['a regular expression after a condition', 'if (a) /x && y/.test(b);', 'a → false', 'a → true'],
    ['a generic type', 'const m: Map<string, Array<number>> = n;'],
    ['a generic type over several lines', 'const m: Map<\n  string,\n  number\n> = n;'],
    ['a type alias', "type T = 'a' | 'b' | true;\ntype U = A extends B ? 'c' : false;"],
    ['an interface', "export interface I { a: true; b: 'x' }"],
    ['a declaration', 'declare const x: true;'],
    [
      'imports and re-exports',
      "import a from 'a';\nimport { b } from 'b';\nexport { c } from 'c';\nexport * from 'd';",
    ],
    ['a dynamic import and a require', "f = import('a'), g = require('b');"],
    ['a directive', "'use strict';"],
    ['the step of a for', 'for (let i = 0; i !== n; i++) {}', '!== → ==='],
    ['a not-null sign', 'f = a!.b;'],
    ['a doubled negation', 'f = !!a;'],
    ['a key', "f = { 'a-b': c, true: d };"],
    ['the message of an error and of a log', "throw new TypeError('no');\nconsole.log('yes');"],
    ['unary signs', 'f = -a;'],
    ['a nullish chain', 'f = a?.b?.[c];'],
    ['an unbalanced text', "f = 'a;"],
  ])('leave %s alone', (_, text, ...expected) => {
    expect(changes(text)).toEqual(expected);
  });

  it('leaves the text of JSX alone', () => {
    const text = [
      "const a = <p>it's a === b && c</p>;",
      'const d = (',
      "  <p className='x'>",
      "    don't",
      '  </p>',
      ');',
      'const e = a === b;',
    ];
    expect(changes(text.join('\n'), 'src/a.tsx')).toEqual(['=== → !==']);
  });

  it('reads code inside a template', () => {
    expect(changes('f = `x ${a === `y ${b && c}` ? 1 : 2} && z`;')).toEqual(['=== → !==', '&& → ||']);
  });

  it('takes no other language, no test and no oversized text', () => {
    expect(changes('a === b', 'src/a.py')).toEqual([]);
    expect(changes('a === b', 'test/a.test.ts')).toEqual([]);
    expect(changes(`${' '.repeat(1_000_000)}a === b`)).toEqual([]);
  });

  it('stays within a changed line when a condition reaches over more', () => {
    const text = 'if (\n  a === b\n) go();';
    expect(mutantsOf(text, 'src/a.ts', [2]).map((one) => one.original)).toEqual(['===']);
    expect(mutantsOf(text, 'src/a.ts', [1, 2, 3]).map((one) => one.operator)).toEqual([
      'condition',
      'condition',
      'comparison',
      'call',
    ]);
  });

  it('leaves out a mutation that starts on a changed line and ends on another', () => {
    const text = 'if (a &&\n  b) go();\nsave(\n  c,\n);\nreturn {\n  d,\n};';
    expect(mutantsOf(text, 'src/a.ts', [1, 3, 6]).map((one) => one.operator)).toEqual(['logical']);
  });

  it.each(['"\\\\', '=/', '`${', 'return a ', 'if (a ', 'type a = {', 'a.b('])(
    'reads 300,000 times %s in bounded time',
    (unit) => {
      const text = unit.repeat(300_000).slice(0, 900_000);
      expect(mutantsOf(text, 'src/a.js', [1]).length).toBeLessThanOrEqual(1000);
    },
  );

  it('spreads few mutants over many lines, telling ones before emptied strings', () => {
    const text = [...Array.from({ length: 50 }, (_, index) => `a${index} = b === ${index};`), "s = 'text';"].join('\n');
    const chosen = proposeMutants([{ path: 'src/a.js', text, lines: allLines(text) }], 5);
    expect(chosen.map((one) => one.line)).toEqual([6, 16, 26, 36, 46]);
    expect(proposeMutants([{ path: 'src/a.js', text, lines: allLines(text) }], 51).at(-1)?.operator).toBe('string');
  });
});

const piece = fc.constantFrom(
  ...[
    'a',
    ' === ',
    ' && ',
    "'s'",
    '`t${',
    '}',
    '`',
    '{',
    '(',
    ')',
    ';',
    '\n',
    ' < ',
    '/',
    '//',
    '/*',
    '*/',
    'return ',
    'if ',
    'true',
    '!',
    '"',
    '\\',
    '++',
    'é',
    '😀',
    ' + ',
    'for',
    '=>',
    '[',
    ']',
    'type ',
  ],
);
const source = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
const lineNumbers = fc.uniqueArray(fc.integer({ min: 1, max: 20 }));

describe('laws of mutants', () => {
  test.prop([source, lineNumbers, fc.integer({ min: 1, max: 30 })])(
    'they differ, stand where they say, and touch changed lines alone',
    (text, lines, most) => {
      const mutants = proposeMutants([{ path: 'a.js', text, lines }], most);
      expect(mutants.length).toBeLessThanOrEqual(most);
      expect(proposeMutants([{ path: 'a.js', text, lines: [...lines].reverse() }], most)).toEqual(mutants);
      const before = text.split('\n');
      for (const mutant of mutants) {
        const after = applyMutant(text, mutant);
        expect(after).not.toBe(text);
        expect(text.slice(mutant.start, mutant.end)).toBe(mutant.original);
        expect(
          before[mutant.line - 1]?.slice(mutant.column - 1).startsWith(mutant.original.split('\n', 1)[0] ?? ''),
        ).toBe(true);
        const height = mutant.original.split('\n').length;
        for (let offset = 0; offset < height; offset += 1) expect(lines).toContain(mutant.line + offset);
        const kept = (list: string[], from: number): string[] => [
          ...list.slice(0, mutant.line - 1),
          '|',
          ...list.slice(from),
        ];
        expect(kept(after.split('\n'), mutant.line)).toEqual(kept(before, mutant.line - 1 + height));
      }
      expect(new Set(mutants.map((one) => `${one.start} ${one.end} ${one.replacement}`)).size).toBe(mutants.length);
    },
  );

  test.prop([source])('tokens stand in order, apart, and are the text', (text) => {
    let end = 0;
    for (const token of tokenizeJs(text).tokens) {
      expect(token.start).toBeGreaterThanOrEqual(end);
      expect(token.end).toBeGreaterThan(token.start);
      expect(text.slice(token.start, token.end)).toBe(token.text);
      end = token.end;
    }
  });
});
