import { describe, expect, it } from 'vitest';
import { remoteGoModules } from './go-modules.js';

describe('remoteGoModules', () => {
  it('is empty for the standard library alone', () =>
    expect(remoteGoModules('module example.org/a // require b v1\n\ngo 1.19\n')).toEqual([]));

  it('reads lines, blocks, quotes and comments', () =>
    expect(
      remoteGoModules(
        'module a\nrequire example.org/z v1.0.0 // indirect\nrequire(\n\t"example.org/b" v1.2.3\n\t// example.org/no v1\n)\nexclude example.org/x v1.0.0\n',
      ),
    ).toEqual(['example.org/b', 'example.org/z']));

  it('leaves out what a folder of the repository replaces, and nothing else', () =>
    expect(
      remoteGoModules(
        'require (\n\tx.org/a v1.0.0\n\tx.org/b v1.0.0\n\tx.org/c v1.0.0\n)\nreplace x.org/a => ../a\nreplace (\n\tx.org/b v1.0.0 => /opt/b\n\tx.org/c => x.org/d v1.0.0\n)\n',
      ),
    ).toEqual(['x.org/b', 'x.org/c']));
});
