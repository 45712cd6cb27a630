import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tooComplex } from './architecture/complexity.js';
import { commentsWith, exportsWithoutDocstring } from './architecture/docstrings.js';
import { floorViolations } from './architecture/floors.js';
import { circlesOf, importsOf } from './architecture/imports.js';
import { isProductSource, readTree, repositoryRoot } from './architecture/source-tree.js';

const product = readTree('src', isProductSource);
const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const planted = (files: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(files));

describe('floors', () => {
  it('every import of src points down, types included', () => {
    expect(product.size).toBeGreaterThan(30);
    expect(floorViolations(product)).toEqual([]);
  });

  it('only main knows both adapters and surfaces', () => {
    const knowing = [...product].filter(([path, text]) => {
      const seen = importsOf(path, text).map((found) => found.target ?? '');
      return seen.some((at) => at.startsWith('src/adapters/')) && seen.some((at) => at.startsWith('src/surfaces/'));
    });
    expect(knowing.map(([path]) => path).filter((path) => path !== 'src/main.ts')).toEqual([]);
  });

  it.each([
    ['src/core/a.ts', "import type { Git } from '../ports/git.js';"],
    ['src/core/a.ts', "import { readFileSync } from 'node:fs';"],
    ['src/core/a.ts', "type P = import('../ports/git.js').Git;"],
    ['src/core/a.ts', "export * from 'yaml';"],
    ['src/ports/git.ts', "import { z } from 'zod';"],
    ['src/app/a.ts', "const git = await import('../adapters/git.js');"],
    ['src/app/a.ts', 'const git = await import(name);'],
    ['src/adapters/git.ts', "import { run } from '../app/run.js';"],
    ['src/surfaces/a.ts', "import type { Git } from '../adapters/git.js';"],
    ['src/config.ts', "import { Git } from './adapters/git.js';"],
    ['src/cellar/a.ts', ''],
    ['src/core/a.ts', "import { x } from '../../test/x.js';"],
  ])('sees a planted arrow: %s holds %s', (path, text) => {
    const rest = { 'src/ports/git.ts': '', 'src/adapters/git.ts': '', 'src/app/run.ts': '' };
    expect(floorViolations(planted({ ...rest, [path]: text }))).toHaveLength(1);
  });

  it('sees no import in a comment or a string', () => {
    const text = "// import a from '../ports/git.js'\nexport const b = \"import a from '../ports/git.js'\";";
    expect(floorViolations(planted({ 'src/core/a.ts': text }))).toEqual([]);
  });

  it('no circle', () => {
    expect(circlesOf(product)).toEqual([]);
  });

  it('sees a planted circle of types', () => {
    const tree = planted({
      'src/core/a.ts': "import type { B } from './b.js';",
      'src/core/b.ts': "export type { A as B } from './a.js';",
    });
    expect(circlesOf(tree)).toEqual([['src/core/a.ts', 'src/core/b.ts', 'src/core/a.ts']]);
  });
});

describe('files', () => {
  it('none over 300 lines', () => {
    const long = [...product].filter(([, text]) => text.trimEnd().split('\n').length > 300);
    expect(long.map(([path]) => path)).toEqual([]);
  });

  it('no function has more than 10 paths', () => {
    expect(tooComplex(product, 10)).toEqual([]);
  });

  it('counts the paths of a planted function', () => {
    const text = `function maze(a: boolean): void {
      if (a && a) for (const b of [a || a]) while (b ? a : b) {
        try { switch (a) { case true: break; case false: break; default: } } catch { throw a; }
      }
      const inner = (): boolean => a && a && a;
      a?.b ?? inner;
    }`;
    expect(tooComplex(planted({ 'a.ts': text }), 2)).toEqual(['a.ts:1 maze (9)', 'a.ts:5 function (3)']);
  });

  it('names say what is inside', () => {
    const empty = /(^|-)(manager|helpers?|utils?|service|impl|misc|common|types)(-|\.)/;
    const names = [...product.keys()].filter((path) => empty.test(basename(path)));
    expect(names).toEqual([]);
    expect(empty.test('git-utils.ts')).toBe(true);
  });

  it('each folder of src is named in docs/architecture.md', () => {
    const folders = new Set([...product.keys()].map((path) => dirname(path)).filter((folder) => folder !== 'src'));
    const text = read('docs/architecture.md');
    expect([...folders].filter((folder) => !text.includes(`\`${folder}\``))).toEqual([]);
  });

  it('each path that the docs name in code quotes exists', () => {
    const docs = readTree('docs', (path) => path.endsWith('.md'));
    const quoted = /`((?:src|test|docs|scripts|bench|examples|schemas)\/[\w./-]+)`/g;
    const missing = [...docs, ['README.md', read('README.md')] as const].flatMap(([path, text]) =>
      [...text.matchAll(quoted)]
        .map((match) => match[1] ?? '')
        .filter((named) => !existsSync(join(repositoryRoot, named)))
        .map((named) => `${path} names ${named}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('README', () => {
  it('quotes the example that CI runs, word for word', () => {
    const region = /^# region readme\n([^]*?)^# endregion/m.exec(read('examples/01-examine/run.sh'))?.[1] ?? '';
    expect(region.split('\n').length).toBeGreaterThan(15);
    expect(read('README.md')).toContain(`\`\`\`sh\n${region}\`\`\``);
  });

  it('names only scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read('README.md').matchAll(/npm run ([a-z][a-z:-]*)/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('words', () => {
  it('every exported function and class of core and app has a docstring', () => {
    const inner = new Map([...product].filter(([path]) => /^src\/(core|app)\//.test(path)));
    expect(exportsWithoutDocstring(inner)).toEqual([]);
  });

  it('sees a planted function without a docstring', () => {
    const text =
      '/** Adds. */\nexport function add(): void {}\n// no\nexport const sub = () => 1;\nexport const n = 1;';
    expect(exportsWithoutDocstring(planted({ 'a.ts': text }))).toEqual(['a.ts:4 export const sub = () => 1;']);
  });

  // Rules that look for such words in the code of others have to name them.
  it('no comment of src puts work off', () => {
    const words = /\b(TODO|FIXME|XXX|[Ss]tubs?|[Pp]laceholders?|[Ff]or now|[Ss]implified)\b/;
    const rest = new Map([...product].filter(([path]) => !/\/(tamper|syntax)/.test(path)));
    expect(commentsWith(words, rest)).toEqual([]);
    expect(commentsWith(words, planted({ 'a.ts': '// fine for now\nconst s = "TODO";' }))).toHaveLength(1);
  });

  // A rule about lock files knows the public registries by name; what installs this package must not.
  it('no file names a machine, and none that installs names a package host', () => {
    const machine = /(?:^|[\s'"`(=:,])\/(?:root|work|Users)\/[\w.-]+\//m;
    const host = /\b(?:registry\.(?:npmjs|yarnpkg)|artifactory|nexus3?)[.:/]/i;
    const text = readTree('.', (path) => /\.(ts|js|json|md|ya?ml|sh)$|(^|\/)(run|\.\w+rc)$/.test(path));
    const installs = (path: string): boolean => !/^(src|test|docs)\//.test(path);
    expect([...text].filter(([, body]) => machine.test(body)).map(([path]) => path)).toEqual([]);
    expect([...text].filter(([path, body]) => installs(path) && host.test(body)).map(([path]) => path)).toEqual([]);
    expect(machine.test(`cd ${['', 'root', 'x', 'y'].join('/')}`)).toBe(true);
  });
});

describe('packages', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;

  it('every version is exact', () => {
    const all = { ...manifest['dependencies'], ...manifest['devDependencies'], ...manifest['optionalDependencies'] };
    const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(Object.keys(all).length).toBeGreaterThan(10);
    expect(loose).toEqual([]);
  });

  it('the lock file names no host, and has the sum of every package', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Record<string, unknown>> };
    const installed = Object.entries(lock.packages).filter(([at]) => at !== '');
    expect(installed.filter(([, entry]) => 'resolved' in entry).map(([at]) => at)).toEqual([]);
    expect(installed.filter(([, entry]) => typeof entry['integrity'] !== 'string').map(([at]) => at)).toEqual([]);
  });
});
