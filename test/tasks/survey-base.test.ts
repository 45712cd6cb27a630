import { expect, it } from 'vitest';
import { surveyBase } from '../../src/app/routing/survey-base.js';
import type { TreeEntry } from '../../src/ports/git.js';

/** A tree of these files, each of ten bytes a letter of its name, that counts how often it was walked. */
function treeOf(paths: readonly string[], mode = '100644') {
  const seen = { walks: 0, asked: 0 };
  const git = {
    listFiles: async (): Promise<readonly TreeEntry[]> => {
      seen.walks += 1;
      return paths.map((path) => ({ path, mode, blob: path }));
    },
    blobSizes: async (ids: readonly string[]) => {
      seen.asked += ids.length;
      return new Map(ids.map((id) => [id, id.length * 10]));
    },
  };
  return { git, seen };
}
const spec = (...within: string[]) => ({ scope: { in: within, out: ['src/old'], support: [] } });

it('names the files in scope with their sizes, and looks at no other', async () => {
  const { git, seen } = treeOf(['README.md', 'src/a.ts', 'src/logo.png', 'src/old/b.ts']);
  expect(await surveyBase(git, 'one', spec('src'))).toEqual({
    files: 4,
    inScope: [
      { path: 'src/a.ts', bytes: 80 },
      { path: 'src/logo.png', bytes: null },
    ],
  });
  expect(seen).toEqual({ walks: 1, asked: 1 });
  expect(await surveyBase(git, 'one', null)).toEqual({ files: 4, inScope: [] });
});

it('walks a base once for one scope, and keeps no more than a few', async () => {
  const { git, seen } = treeOf(['src/a.ts']);
  const first = await surveyBase(git, 'two', spec('src'));
  expect(await surveyBase(git, 'two', spec('src'))).toBe(first);
  expect((await surveyBase(git, 'two', spec('docs'))).inScope).toEqual([]);
  expect(seen.walks).toBe(2);
  for (const base of ['three', 'four', 'five', 'six']) await surveyBase(git, base, spec('src'));
  await surveyBase(git, 'two', spec('src'));
  expect(seen.walks).toBe(7);
});

it('asks for some hundred sizes of many files, and leaves out links and submodules', async () => {
  const { git, seen } = treeOf(Array.from({ length: 2600 }, (_, at) => `src/f${at}.ts`));
  const { inScope } = await surveyBase(git, 'seven', spec('src'));
  expect(inScope).toHaveLength(2600);
  expect(inScope.filter(({ bytes }) => bytes !== null)).toHaveLength(seen.asked);
  expect(seen.asked).toBeGreaterThan(300);
  expect(seen.asked).toBeLessThanOrEqual(500);
  expect((await surveyBase(treeOf(['src/link.ts'], '120000').git, 'eight', spec('src'))).inScope).toEqual([]);
});
