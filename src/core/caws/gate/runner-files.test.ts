import { describe, expect, it } from 'vitest';
import { canaryFiles, untestedFunction } from './canary.js';
import { isLockFile, isManifest, isRunnerFile, mendManifest } from './runner-files.js';
import { detectTestCommand } from './test-framework.js';

describe('files of the base', () => {
  it.each([
    ['vitest.config.ts', true],
    ['packages/a/jest.config.cjs', true],
    ['.mocharc.json', true],
    ['tsconfig.build.json', true],
    ['conftest.py', true],
    ['tests/conftest.py', false],
    ['.npmrc', true],
    ['Makefile', true],
    ['src/config.ts', false],
    ['package.json', false],
  ])('%s: %s', (path, expected) => expect(isRunnerFile(path)).toBe(expected));

  it('knows manifests and lock files', () => {
    expect([isManifest('a/package.json'), isManifest('a/package.jsonc')]).toEqual([true, false]);
    expect([isLockFile('package-lock.json'), isLockFile('src/lock.json')]).toEqual([true, false]);
  });
});

describe('mendManifest', () => {
  const base = '{"version":"1","scripts":{"test":"node --test"},"dependencies":{"a":"1"}}';
  const options = { dependenciesAdmitted: false };

  it('leaves a candidate alone that changes nothing of it', () => {
    const candidate = base.replace('"1"', '"2"');
    expect(mendManifest(base, candidate, options)).toEqual({ text: candidate, replaced: [] });
  });

  it('puts scripts, settings and dependencies back and keeps the rest', () => {
    const candidate = '{"version":"2","scripts":{"test":"true"},"jest":{"bail":1},"dependencies":{"a":"1","b":"1"}}';
    const mended = mendManifest(base, candidate, options);
    expect(mended.replaced).toEqual(['scripts', 'jest', 'dependencies']);
    expect(JSON.parse(mended.text)).toEqual({ ...JSON.parse(base), version: '2' });
    expect(mendManifest(base, candidate, { dependenciesAdmitted: true }).replaced).toEqual(['scripts', 'jest']);
  });

  it('takes the base for what is no JSON object', () => {
    for (const broken of ['', '[]', '{', 'null']) expect(mendManifest(base, broken, options).text).toBe(base);
  });
});

describe('detectTestCommand', () => {
  it.each([
    [['node', '--test'], 'node', true],
    [['node', '--import', 'tsx', '--test', 'src'], 'node', true],
    [['npx', 'vitest', 'run'], 'vitest', false],
    [['npm', 'test'], 'node', false],
    [['npm', 'run', 'unit'], 'node', true],
    [['python3', '-m', 'pytest'], 'pytest', false],
    [['./node_modules/.bin/mocha'], 'mocha', false],
    [['yarn', 'jest-all'], 'jest', false],
  ])('%j is %s, direct: %s', (command, framework, direct) => {
    const scripts = {
      test: 'npm run build && npm run unit',
      build: 'tsc',
      unit: 'node --test test',
      'jest-all': 'jest',
    };
    expect(detectTestCommand(command, scripts)).toEqual({ framework, direct });
  });

  it('does not know what it does not know', () => {
    for (const command of [
      ['make', 'test'],
      ['node', 'test.js'],
      ['npm', 'test'],
      ['cargo', 'test'],
    ]) {
      expect(detectTestCommand(command, {})).toBe(null);
    }
  });

  it('ends on a script that calls itself', () => {
    expect(detectTestCommand(['npm', 'test'], { test: 'npm test' })).toBe(null);
  });
});

describe('canaries', () => {
  it('choose product files, the likeliest first', () => {
    const paths = ['scripts/x.js', 'src/deep/a.ts', 'src/a.ts', 'src/a.test.ts', 'vite.config.ts', 'README.md'];
    expect(canaryFiles(paths)).toEqual(['src/a.ts', 'src/deep/a.ts', 'scripts/x.js']);
  });

  it('write a function in the languages they know', () => {
    expect(untestedFunction('a.ts', 'canary')).toContain('value: number');
    expect(untestedFunction('a.py', 'canary')).toContain('def canary');
    expect(untestedFunction('a.go', 'canary')).toBe(null);
  });
});
