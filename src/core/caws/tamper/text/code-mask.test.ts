import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepRegions, stretchesOf } from './code-mask.js';

const code = (text: string): string => keepRegions(text, 'slash', ['code']);

describe('keepRegions', () => {
  it('blanks strings and comments and keeps what a template inserts', () => {
    expect(code('a("x;y"); // b;')).toBe(`a(${' '.repeat(5)});${' '.repeat(6)}`);
    expect(code('a(`t${b({c: `u`})};`)')).toBe(`a(${' '.repeat(4)}b({c: ${' '.repeat(3)}})}${' '.repeat(2)})`);
  });

  it('tells a pattern from a division', () => {
    expect(code('x = /[/;]"/g; y = a / b / c;')).toBe(`x = ${' '.repeat(7)}g; y = a / b / c;`);
  });

  it('closes an unclosed string with its line', () => {
    expect(code("don't\nstop")).toBe('don  \nstop');
  });

  it('reads triple quotes and hashes where comments start with a hash', () => {
    expect(keepRegions('x = """a\n# b"""  # c', 'hash', ['code'])).toBe(`x = ${' '.repeat(4)}\n${' '.repeat(11)}`);
  });
});

describe('stretchesOf', () => {
  test.prop([fc.string(), fc.constantFrom('slash' as const, 'hash' as const)])(
    'covers any text without gaps',
    (text, style) => {
      const stretches = stretchesOf(text, style);
      expect(stretches.map((it_) => text.slice(it_.start, it_.end)).join('')).toBe(text);
      expect(
        stretches.every((it_, index) => it_.end > it_.start && it_.start === (stretches[index - 1]?.end ?? 0)),
      ).toBe(true);
    },
  );
});
