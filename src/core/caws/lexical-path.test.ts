import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { findConfusion, foldName, refusePath } from './lexical-path.js';

describe('refusePath', () => {
  it.each([
    '',
    '/etc/passwd',
    'C:/x',
    'a\0b',
    'a\\b',
    '../a',
    'a/../b',
    'a/..',
    'a//b',
    './a',
    'a/',
    '.git/config',
    'a/.GIT/hooks/x',
    'a/.git./x',
    'x/.g\u200bit/config',
  ])('refuses %j', (path) => expect(refusePath(path)).not.toBeNull());

  it.each([
    'a',
    'a/b.c',
    '..a/b',
    'a..b',
    '.gitignore',
    'docs/.github/x',
    'tab\there',
    'new\nline',
    'quote"d',
    'caf\udce9',
  ])('takes %j', (path) => expect(refusePath(path)).toBeNull());

  test.prop([fc.array(fc.stringMatching(/^[a-z0-9]{1,6}$/), { minLength: 1 }), fc.nat()])(
    'a climbing segment anywhere is refused',
    (segments, at) => {
      const index = at % (segments.length + 1);
      expect(refusePath([...segments.slice(0, index), '..', ...segments.slice(index)].join('/'))).not.toBeNull();
    },
  );
});

describe('findConfusion', () => {
  it.each([
    ['src/\u202egnp.exe', true],
    ['src/a\u200b.js', true],
    ['src/p\u0430yment.js', true],
    ['src/tab\t.js', false],
    ['src/caf\udce9.js', false],
    ['src/cafe\u0301.js', false],
  ])('sees what is wrong with %j', (path, grave) => expect(findConfusion(path)?.grave).toBe(grave));

  it.each(['src/a.js', 'src/оплата/счёт.js', 'docs/日本語.md', 'docs/Ελληνικά.md', 'emoji/🎉.md'])(
    'leaves %s alone',
    (path) => expect(findConfusion(path)).toBeNull(),
  );
});

describe('foldName', () => {
  it('compares as the most careless file system', () => {
    expect(foldName('.CaWs')).toBe('.caws');
    expect(foldName('.ca\u200bws')).toBe('.caws');
    expect(foldName('.caws. .')).toBe('.caws');
    expect(foldName('...')).toBe('...');
  });
});
