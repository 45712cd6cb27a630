import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { compileScope } from '../../../core/caws/scope.js';
import { planScopeMounts } from './scope-mounts.js';

const files = [
  '.github/workflows/ci.yml',
  'AGENTS.md',
  'lib/a.js',
  'lib/sub/b.js',
  'src/deep/er/AGENTS.md',
  'src/deep/er/c.js',
  'src/main.js',
  'test/main.test.js',
];

function plan(
  scope: { in: string[]; out?: string[]; support?: string[] },
  more: { files?: string[]; symlinks?: string[] } = {},
) {
  const whole = { in: scope.in, out: scope.out ?? [], support: scope.support ?? [] };
  const standingOf = compileScope({ scope: whole, nonGovernedZones: [], rootPassthrough: [], protectedPaths: [] });
  const tree = { files: more.files ?? files, symlinks: more.symlinks ?? [] };
  return { standingOf, ...planScopeMounts([...whole.in, ...whole.support], standingOf, tree) };
}

describe('a scope as mounts', () => {
  it('makes folders and files of the scope writable, and nothing else', () => {
    expect(plan({ in: ['src/', 'test/main.test.js'], support: ['lib/sub'] })).toMatchObject({
      folders: [],
      writable: ['lib/sub', 'src', 'src/deep', 'src/deep/er', 'test/main.test.js'],
      readOnly: ['src/deep/er/AGENTS.md'],
    });
    expect(plan({ in: [] })).toMatchObject({ folders: [], writable: [], readOnly: [] });
  });

  it('keeps what is protected or excluded read-only when all is in scope', () => {
    expect(plan({ in: ['.'], out: ['lib/'] }).readOnly).toEqual([
      '.github/workflows',
      'AGENTS.md',
      'lib',
      'src/deep/er/AGENTS.md',
    ]);
  });

  it('makes the folder of a glob or of a file that is yet to come, and shuts what is there beside it', () => {
    expect(plan({ in: ['new/place/*.js', 'fresh/', 'test/more.test.js'] })).toMatchObject({
      folders: ['new/place', 'fresh'],
      writable: ['fresh', 'new/place', 'test'],
      readOnly: ['test/main.test.js'],
    });
  });

  it('goes through no link, and out of the clone by no entry', () => {
    const entries = { in: ['link/x.js', 'link/', '../outside/', '/etc/', 'src/main.js/x'] };
    expect(plan(entries, { symlinks: ['link'] })).toMatchObject({ folders: [], writable: [], readOnly: [] });
  });

  it('is bounded: protected paths come first when there is too much to mount', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `src/file${index}.txt`);
    const { writable, readOnly } = plan({ in: ['src/*.js'] }, { files: [...many, 'src/AGENTS.md'] });
    expect(writable.length + readOnly.length).toBeLessThan(300);
    expect(readOnly).toContain('src/AGENTS.md');
  });

  const entry = fc.constantFrom(
    '.',
    'src',
    'src/',
    'src/*.js',
    '**/*.js',
    'lib/sub',
    'lib/new.js',
    'x/y/',
    'test/**',
    'AGENTS.md',
  );
  test.prop([fc.array(entry, { maxLength: 4 }), fc.array(entry, { maxLength: 2 })])(
    'never shuts what may be written, never opens a file that may not, and pins every folder on the way',
    (scopeIn, out) => {
      const { standingOf, writable, readOnly } = plan({ in: scopeIn, out: out.filter((one) => one !== '.') });
      const isBelow = (path: string, folder: string): boolean =>
        folder === '' || path === folder || path.startsWith(`${folder}/`);
      for (const path of files) {
        const mounts = [...writable, ...readOnly]
          .filter((mount) => isBelow(path, mount))
          .sort((a, b) => b.length - a.length);
        const isWritable = mounts[0] !== undefined && writable.includes(mounts[0]);
        expect([path, isWritable]).toEqual([path, ['in', 'support'].includes(standingOf(path))]);
      }
      for (const path of readOnly) {
        const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
        expect(writable).toContain(parent);
      }
    },
  );
});
