import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// One test for each attack of the ledger's design: none may vanish, and none may refuse what is honest, too.
const folder = fileURLToPath(new URL('..', import.meta.url));
const blocks = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.endsWith('numbers.test.ts'))
  .flatMap((name) =>
    readFileSync(`${folder}/${name}`, 'utf8')
      .split(/^describe/m)
      .slice(1),
  );

/** Texts of the describe blocks whose title begins with that number. */
const blocksOf = (attack: number): string[] =>
  blocks.filter((text) => new RegExp(String.raw`^[^\n'\x60]*\(['\x60]attack ${attack}: `).test(text));

describe('the attacks on the ledger', () => {
  it.each(Array.from({ length: 21 }, (_, index) => index + 1))('%i has its test, and an honest twin', (attack) => {
    const found = blocksOf(attack);
    expect(found).not.toEqual([]);
    const titles = found.flatMap((text) =>
      [...text.matchAll(/\bit(?:\.\w+\([^]*?\))?\(\s*['`]([^\n]*)/g)].map(([, title]) => title),
    );
    expect(titles.length).toBeGreaterThanOrEqual(1);
    expect(titles.some((title) => /twin|welcome/.test(title ?? ''))).toBe(true);
  });

  it('no number is made up', () => {
    const numbers = blocks.flatMap((text) => /^[^\n]*attack (\d+): /.exec(text)?.[1] ?? []).map(Number);
    expect(numbers.every((number) => number >= 1 && number <= 21)).toBe(true);
  });
});
