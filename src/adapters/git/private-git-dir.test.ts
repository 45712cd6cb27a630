import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { locateRepository } from './locate-repository.js';
import { privateEnvironment, writePrivateGitDir } from './private-git-dir.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'private-git-dir-'));
  folders.push(made);
  return made;
}

it('outranks every attribute of the repository, even where git reads them from a work tree', () => {
  const [root, ours] = [folder(), folder()];
  const git = (env: NodeJS.ProcessEnv, ...args: string[]): string =>
    execFileSync('git', args, { cwd: root, env, encoding: 'utf8' });
  git(process.env, 'init', '-q');
  writeFileSync(join(root, '.gitattributes'), '* binary ident filter=x diff=y eol=crlf export-subst\n');
  writePrivateGitDir(ours, locateRepository(root));
  const inWorkTree = { ...privateEnvironment(ours), GIT_WORK_TREE: root };
  const names = ['diff', 'text', 'merge', 'ident', 'filter', 'eol', 'export-subst'];
  const told = git(inWorkTree, 'check-attr', ...names, '--', 'a.js');
  expect(told).toBe(names.map((name) => `a.js: ${name}: unspecified\n`).join(''));
  expect(git(process.env, 'check-attr', 'diff', '--', 'a.js')).toBe('a.js: diff: y\n');
});
