import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadOperation, quickOperations } from '../../src/app/load-operation.js';
import { operations } from '../../src/app/operations.js';
import { commandSurfaces } from '../../src/surfaces/cli/commands/index.js';
import { loadSurface, quickSurfaces } from '../../src/surfaces/cli/commands/load-surface.js';
import { arbiter } from './cli.js';

// What a process loads is what node's own coverage lists: no timing, so that a busy machine changes nothing. As the
// compiler left it, where a module is a file; the files of the packed program are cut along the same imports.
const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

describe('an operation that is loaded alone', () => {
  it.each(Object.keys(operations))('%s is the one of the table, and so is its surface', async (name) => {
    expect(await loadOperation(name)).toBe(Object.entries(operations).find(([key]) => key === name)?.[1]);
    expect(await loadSurface(name)).toBe(Object.entries(commandSurfaces).find(([key]) => key === name)?.[1]);
  });

  it('has a surface that is loaded alone', () => {
    expect(Object.keys(quickSurfaces)).toEqual(Object.keys(quickOperations));
  });

  it('of no name is none', async () => {
    await expect(loadOperation('no such')).rejects.toThrow('no operation is named "no such"');
    await expect(loadSurface('no such')).rejects.toThrow('no command line for "no such"');
  });
});

describe('what a command loads', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'arbiter-quick-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Files of ours that the process loaded, from dist on. */
  function loadedBy(...argv: string[]): string[] {
    const into = mkdtempSync(join(folder, 'coverage-'));
    const { err } = arbiter(argv, { home: folder, cwd: folder, env: { NODE_V8_COVERAGE: into }, program });
    expect(err).not.toContain('SyntaxError');
    return readdirSync(into).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(into, name), 'utf8')) as { result: { url: string }[] };
      return result
        .map(({ url }) => url.replace(/^.*\/(?=dist\/|node_modules\/)/, ''))
        .filter((url) => !url.startsWith('node:'));
    });
  }
  const heavy =
    /^dist\/(app\/operations|adapters\/gates\/|adapters\/reports\/|adapters\/postgres\/|adapters\/dbos\/|adapters\/workers\/room\/open-room)/;

  it.each([
    ['--help', []],
    ['verify', ['BASE..HEAD']],
    ['hook receive', ['--protect', 'refs/heads/main']],
    ['verdict verify', ['verdict.yaml']],
    ['measure', []],
    ['spec check', ['spec.yaml']],
  ])('%s: neither gates nor reports nor a database, nor the other operations', (command, rest) => {
    const loaded = loadedBy(...command.split(' '), ...rest);
    expect(loaded).toContain('dist/main.js');
    expect(loaded.filter((url) => heavy.test(url))).toEqual([]);
  });

  it('is seen: another command loads the table', () => {
    expect(loadedBy('gates', 'list').filter((url) => heavy.test(url))).toContain('dist/app/operations.js');
  });
});
