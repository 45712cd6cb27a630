import { describe, expect, it } from 'vitest';
import { isRead, languageOf } from './language-of.js';

describe('the language of a file', () => {
  it.each([
    ['src/a.ts', 'typescript'],
    ['src/a.d.mts', 'typescript'],
    ['App.JSX', 'javascript'],
    ['lib/x.hpp', 'c++'],
    ['main.go', 'go'],
    ['README.md', null],
    ['Makefile', null],
    ['.go', 'go'],
    ['', null],
  ])('%s: %s', (path, language) => {
    expect(languageOf(path)).toBe(language);
  });

  it('tells what somebody reads from what they do not', () => {
    expect(['a.py', 'docs/x.md', 'package.json', 'a.css'].every(isRead)).toBe(true);
    expect(['package-lock.json', 'yarn.lock', 'dist/a.min.js', 'logo.png', 'a'].some(isRead)).toBe(false);
  });
});
