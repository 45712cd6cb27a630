import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../core/fault.js';
import { createDocuments } from './documents.js';

const documents = createDocuments();
const read = (text: string, file = 'a.yaml') => documents.read(Buffer.from(text), file);

function faultOf(input: string | Buffer, file = 'a.yaml') {
  try {
    documents.read(Buffer.from(input as string), file);
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('what is read', () => {
  it('keeps dates, versions and yes as text, and numbers as numbers', () => {
    const { value } = read('day: 2026-11-20\nsure: yes\nwhole: 1.0\nhex: 0x10\nnone: ~\nlist: [true, -1]\n');
    expect(value).toEqual({ day: '2026-11-20', sure: 'yes', whole: 1, hex: 16, none: null, list: [true, -1] });
  });

  it('reads a BOM and CRLF, and counts columns without them', () => {
    const document = read('\uFEFFa: 1\r\nb: |\r\n  x\r\n  y\r\n');
    expect(document.value).toEqual({ a: 1, b: 'x\ny\n' });
    expect(document.placeOf('/a')).toEqual({ file: 'a.yaml', line: 1, column: 1 });
    expect(document.placeOf('/b')).toEqual({ file: 'a.yaml', line: 2, column: 1 });
  });

  it('follows an alias, and places what is beyond it at the alias', () => {
    const document = read('a: &x\n  - {b: 1}\nc: *x\n');
    expect(document.value).toEqual({ a: [{ b: 1 }], c: [{ b: 1 }] });
    expect(document.placeOf('/c/0/b').line).toBe(3);
  });

  it('reads keys that are no text as text', () => {
    expect(read('1: a\ntrue: b\n{x: y}: c\n').value).toEqual({ '1': 'a', true: 'b', '{"x":"y"}': 'c' });
  });

  it('reads nothing as null', () => {
    expect(read('').value).toBeNull();
    expect(read('# only this\n').value).toBeNull();
    expect(read('').placeOf('/a/b')).toEqual({ file: 'a.yaml', line: 1, column: 1 });
  });

  it('places a pointer at its key, an item at its start, and the unknown at the nearest parent', () => {
    const document = read('scope:\n  in:\n    - src\n    - {deep: 1}\n"a/b~c": 1\n');
    expect(document.placeOf('/scope/in')).toMatchObject({ line: 2, column: 3 });
    expect(document.placeOf('/scope/in/1')).toMatchObject({ line: 4, column: 7 });
    expect(document.placeOf('/scope/in/1/deep')).toMatchObject({ line: 4, column: 8 });
    expect(document.placeOf('/scope/in/9/x')).toMatchObject({ line: 2, column: 3 });
    expect(document.placeOf('/scope/out')).toMatchObject({ line: 1, column: 1 });
    expect(document.placeOf('/a~1b~0c')).toMatchObject({ line: 5, column: 1 });
  });

  test.prop([fc.jsonValue({ maxDepth: 5 })])('reads any JSON as JSON.parse does', (value) => {
    const text = JSON.stringify(value).replaceAll('"__proto__"', '"proto"').replaceAll('"<<"', '"lt"');
    fc.pre(!hasControls(text));
    expect(read(text, 'a.json').value).toEqual(JSON.parse(text));
  });

  test.prop([fc.uint8Array({ maxLength: 200 })])('answers or refuses any bytes, and nothing else', (bytes) => {
    try {
      documents.read(bytes, 'a.yaml');
    } catch (error) {
      expect(isFault(error)).toBe(true);
    }
  });
});

describe('what is refused', () => {
  it('says the code, the place and what to do', () => {
    const fault = faultOf('a: 1\nb:\n  c: 1\n  c: 2\n');
    expect(fault.code).toBe('YAML_REFUSED');
    expect(fault.place).toEqual({ file: 'a.yaml', line: 4, column: 3 });
    expect(fault.message).toBe('key "c" stands twice in one mapping');
    expect(fault.mend).not.toBe('');
  });

  it.each([
    ['keys alike as text', '1: a\n"1": b\n', 'stands twice'],
    ['a tag', 'a: !!str 1\n', 'tag'],
    ['a merge key', 'a: &x {b: 1}\nc: {<<: *x}\n', '<<'],
    ['an alias within its own anchor', 'a: &x [*x]\n', 'no anchor'],
    ['two documents', 'a: 1\n---\nb: 2\n', 'several documents'],
    ['33 aliases', `a: &x 1\nb: [${'*x, '.repeat(33)}]\n`, 'aliases'],
    ['33 anchors', Array.from({ length: 33 }, (_, n) => `- &a${n} 1\n`).join(''), 'anchors'],
    ['65 brackets', '['.repeat(65), 'nesting'],
    ['65 dashes', `${'- '.repeat(65)}a\n`, 'nesting'],
    ['65 levels by indentation', Array.from({ length: 65 }, (_, n) => `${' '.repeat(n)}a:\n`).join(''), 'deeper'],
    ['a lone carriage return', 'a: 1\rb: 2\n', 'control character U+000D'],
  ])('%s', (_, text, message) => {
    expect(faultOf(text).message).toContain(message);
  });

  it('reads 64 levels', () => {
    expect(read(`${'['.repeat(64)}${']'.repeat(64)}`).value).toBeDefined();
  });

  it('bytes that are no text', () => {
    expect(faultOf(Buffer.from([0x61, 0, 0x62])).message).toContain('NUL');
    expect(faultOf(Buffer.from([0x61, 0xff, 0xfe])).message).toContain('UTF-8');
    expect(faultOf(Buffer.from('a: 1', 'utf16le')).message).toContain('NUL');
  });

  it('a byte over 1 MiB, and not one less', () => {
    expect(faultOf(`a: ${'x'.repeat(1_048_574)}`).code).toBe('YAML_REFUSED');
    expect(read(`a: ${'x'.repeat(1_048_573)}`).value).toBeDefined();
  });

  it('JSON that is only YAML, under a name that says JSON', () => {
    expect(faultOf('{"a": 1, "b": yes}', 'policy.json').code).toBe('YAML_INVALID');
    // The engine tells the place in some of its messages only.
    expect(faultOf(`{"a": 1,\n "b": "${'x'.repeat(100)}",\n}\n`, 'policy.json').place?.line).toBe(3);
  });

  it('an alias bomb, before any of it is built', () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}]\n`);
    const started = performance.now();
    const fault = faultOf(`l0: &l0 [${'lol, '.repeat(9)}]\n${levels.join('')}`);
    expect(fault.code).toBe('YAML_REFUSED');
    expect(performance.now() - started).toBeLessThan(100);
  });

  it('a bomb of few aliases, by the size that they would grow to', () => {
    const levels = Array.from({ length: 16 }, (_, n) => `l${n + 1}: &l${n + 1} [*l${n}, *l${n}]\n`);
    expect(faultOf(`l0: &l0 [${'a, '.repeat(10)}]\n${levels.join('')}`).message).toContain('aliases would grow');
  });

  it('texts of 1 MiB made to be slow, in bounded time', () => {
    const size = 1_000_000;
    for (const piece of ['[', '- ', '? ', '{a: ', 'a:\n', '&a ', '"', ': ', '#\n', '---\n', '\n', '*a ']) {
      const text = piece.repeat(Math.floor(size / piece.length));
      try {
        read(text);
      } catch (error) {
        expect(isFault(error)).toBe(true);
      }
    }
    const keys = Array.from({ length: 100_000 }, (_, n) => `k${n}:\n`).join('');
    expect(faultOf(keys).message).toContain('tokens');
  }, 20_000);
});

function hasControls(text: string): boolean {
  return text.includes('\u007f');
}
