import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { totalChange, type Change } from '../../src/core/caws/change.js';
import type { FileFacts } from '../../src/core/caws/file-facts.js';
import type { GitSession } from '../../src/ports/index.js';

type RunGit = (...args: string[]) => string;

export function sessionOf(root: string, git: RunGit): GitSession {
  const refuse = () => {
    throw new Error('not part of this fixture');
  };
  return {
    root,
    async checkOut(treeish, directory) {
      const index = join(root, '.git', `index-${Math.random()}`);
      const env = { ...process.env, GIT_INDEX_FILE: index };
      execFileSync('git', ['read-tree', treeish], { cwd: root, env });
      execFileSync('git', ['checkout-index', '-a', '-f', `--prefix=${directory}/`], { cwd: root, env });
    },
    async readFile(treeish, path) {
      const listed = git('ls-tree', treeish, '--', path);
      return listed === '' ? null : execFileSync('git', ['cat-file', 'blob', `${treeish}:${path}`], { cwd: root });
    },
    async listFiles(treeish) {
      return git('ls-tree', '-r', '-z', treeish)
        .split('\0')
        .filter((line) => line !== '')
        .map((line) => {
          const [head = '', path = ''] = line.split('\t');
          const [mode = '', , blob = ''] = head.split(' ');
          return { path, mode, blob };
        });
    },
    repositoryId: refuse,
    resolveCommit: refuse,
    protectedReference: refuse,
    version: refuse,
    isAncestor: refuse,
    sealWorkTree: refuse,
    sealPatch: refuse,
    measure: refuse,
    readContents: refuse,
    diff: refuse,
    close: async () => undefined,
  } as unknown as GitSession;
}

export function changeOf(git: RunGit, from: string, to: string): Change {
  const files: Change['files'] = git('diff-tree', '-r', '-z', '--no-renames', '--raw', from, to)
    .split('\0:')
    .map((line) => line.replace(/^:/, '').replace(/\0$/, ''))
    .filter((line) => line !== '')
    .map((line) => {
      const [head = '', path = ''] = line.split('\0');
      const [oldMode = '', newMode = '', oldBlob = '', newBlob = '', status = 'M'] = head.split(' ');
      return {
        status: status as 'A' | 'M' | 'D',
        oldPath: status === 'A' ? null : path,
        newPath: status === 'D' ? null : path,
        added: 1,
        removed: 1,
        binary: false,
        oldMode: status === 'A' ? null : (oldMode as '100644'),
        newMode: status === 'D' ? null : (newMode as '100644'),
        oldBlob: status === 'A' ? null : oldBlob,
        newBlob: status === 'D' ? null : newBlob,
        longLineSurplus: 0,
      };
    });
  return {
    base: from,
    baseTree: git('rev-parse', `${from}^{tree}`).trim(),
    head: to,
    tree: git('rev-parse', `${to}^{tree}`).trim(),
    contentSha256: '0'.repeat(64),
    files,
    totals: totalChange(files),
  };
}

export function factsOf(git: RunGit, change: Change): readonly FileFacts[] {
  return change.files.map((file) => {
    const text = (treeish: string, path: string | null) => (path === null ? null : git('show', `${treeish}:${path}`));
    const hunks = git(
      'diff',
      '-U0',
      '--no-renames',
      change.base,
      change.tree,
      '--',
      file.newPath ?? file.oldPath ?? '',
    );
    const addedLines = [...hunks.matchAll(/^@@ -\S+ \+(\d+)(?:,(\d+))? @@/gm)].flatMap(([, start, count]) =>
      Array.from({ length: Number(count ?? 1) }, (_, index) => ({ line: Number(start) + index, text: '' })),
    );
    const isLink = file.newMode === '120000';
    return {
      file,
      oldText: text(change.base, file.oldPath),
      newText: isLink ? null : text(change.tree, file.newPath),
      addedLines,
      removedLines: [],
      oldSyntax: null,
      newSyntax: null,
    };
  });
}
