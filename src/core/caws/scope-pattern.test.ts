import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { compilePatterns } from './scope-pattern.js';

const matches = (entry: string, path: string): boolean => compilePatterns([entry])(path);

describe('compilePatterns', () => {
  it.each([
    ['src', 'src/a.ts', true],
    ['src', 'src', true],
    ['src/', 'src/a.ts', true],
    ['./src', 'src/a.ts', true],
    ['.', 'anything/at/all', true],
    ['src', 'srcs/a.ts', false],
    ['src', 'lib/src/a.ts', false],
    ['src/**', 'src/.env', true],
    ['src/*.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/deep/a.ts', false],
    ['**/*.sql', 'db/migrations/1.sql', true],
    ['app/[id]', 'app/[id]/page.tsx', true],
    ['!src', 'lib/a.ts', false],
    ['caf\u00e9', 'cafe\u0301/a.ts', true],
  ])('%s against %s: %s', (entry, path, expected) => expect(matches(entry, path)).toBe(expected));

  it('matches nothing when there are no entries', () => expect(compilePatterns([])('a')).toBe(false));

  test.prop([fc.array(fc.stringMatching(/^[a-z0-9_-]{1,8}$/), { minLength: 1, maxLength: 5 })])(
    'a plain entry matches itself and all below, and no sibling that only shares its beginning',
    (segments) => {
      const entry = segments.join('/');
      expect(matches(entry, entry)).toBe(true);
      expect(matches(entry, `${entry}/below`)).toBe(true);
      expect(matches(entry, `${entry}x`)).toBe(false);
    },
  );
});
