import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Lang, parse } from '@ast-grep/napi';
import { expect, it } from 'vitest';
import { tokenizeJs } from '../src/core/caws/gate/js-tokens.js';
import { applyMutant, proposeMutants } from '../src/core/caws/gate/propose-mutants.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const own = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !path.endsWith('.d.ts'),
);
const foreign = ['commander/lib', 'picomatch/lib', 'yaml/dist/compose'].flatMap((folder) =>
  readdirSync(join(root, 'node_modules', folder)).map((name) => `../node_modules/${folder}/${name}`),
);
const sources = [...own, ...foreign.filter((path) => path.endsWith('.js'))]
  .sort()
  .map((path) => ({ path, text: readFileSync(join(root, 'src', path), 'utf8') }));

function treeOf(path: string, text: string) {
  return parse(path.endsWith('.ts') ? Lang.TypeScript : Lang.JavaScript, text).root();
}

function breaks(path: string, text: string): boolean {
  return treeOf(path, text).find({ rule: { kind: 'ERROR' } }) !== null;
}

it('every mutant of this repository and of three libraries still parses', () => {
  let count = 0;
  const broken: string[] = [];
  for (const { path, text } of sources) {
    if (breaks(path, text)) continue;
    const lines = text.split('\n').map((_, index) => index + 1);
    const name = `src/${path.split('/').at(-1)}`;
    for (const mutant of proposeMutants([{ path: name, text, lines }], 8)) {
      count += 1;
      if (breaks(path, applyMutant(text, mutant))) broken.push(`${path}:${mutant.line} ${mutant.description}`);
    }
  }
  expect(broken).toEqual([]);
  expect(count).toBeGreaterThan(500);
});

it('tokens agree with a whole parser on where strings and regular expressions stand', () => {
  for (const { path, text } of sources) {
    const { tokens, doubts } = tokenizeJs(text);
    expect({ path, doubts }).toEqual({ path, doubts: [] });
    for (const kind of ['string', 'regex'] as const) {
      const ours = tokens.filter((token) => token.kind === kind).map((token) => token.start);
      const nodes = treeOf(path, text).findAll({ rule: { kind } });
      // The type `string` is a node of this kind too.
      const theirs = nodes.map((node) => node.range().start.index).filter((start) => /['"/]/.test(text[start] ?? ''));
      expect({ path, kind, starts: ours }).toEqual({ path, kind, starts: theirs.sort((a, b) => a - b) });
    }
  }
});
