import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { Change } from '../../../src/core/caws/change.js';
import type { FileContent, GitSession } from '../../../src/ports/git.js';
import { createGit } from '../../../src/adapters/git/create-git.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A fresh folder that goes when the test file ends. */
export function scratchFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'git-contract-')));
  folders.push(folder);
  return folder;
}

const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'C',
  GIT_COMMITTER_EMAIL: 'c@example.org',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};

/** The real git, with the repository's own configuration and no other. */
export function plainGit(cwd: string, args: readonly string[], input?: Uint8Array | string): string {
  const options = { cwd, env: ENVIRONMENT, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'pipe'] as const };
  return execFileSync('git', args, {
    ...options,
    stdio: [...options.stdio],
    ...(input === undefined ? {} : { input }),
  }).toString('latin1');
}

export interface ScratchRepository {
  readonly root: string;
  git(...args: string[]): string;
  write(path: string | Buffer, content: string | Uint8Array, mode?: number): void;
  link(path: string, target: string): void;
  remove(path: string | Buffer): void;
  /** Adds everything and commits; the id. */
  commit(message?: string): string;
}

/** A real repository on branch main, with one commit when files are given. */
export function scratchRepository(
  files: Readonly<Record<string, string>> = {},
  initOptions: readonly string[] = [],
): ScratchRepository {
  const root = scratchFolder();
  plainGit(root, ['init', '-q', '-b', 'main', ...initOptions]);
  const repository = repositoryIn(root);
  for (const [path, content] of Object.entries(files)) repository.write(path, content);
  if (Object.keys(files).length > 0) repository.commit('base');
  return repository;
}

export function repositoryIn(root: string): ScratchRepository {
  const at = (path: string | Buffer): Buffer => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path)]);
  const folderOf = (path: string | Buffer): string => dirname(Buffer.from(path).toString('latin1'));
  return {
    root,
    git: (...args) => plainGit(root, args).trim(),
    write(path, content, mode = 0o644) {
      mkdirSync(at(Buffer.from(folderOf(path), 'latin1')), { recursive: true });
      writeFileSync(at(path), content);
      chmodSync(at(path), mode);
    },
    link(path, target) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      symlinkSync(target, join(root, path));
    },
    remove: (path) => rmSync(at(path), { recursive: true }),
    commit(message = 'change') {
      plainGit(root, ['add', '-A']);
      plainGit(root, ['commit', '-q', '--allow-empty', '-m', message]);
      return plainGit(root, ['rev-parse', 'HEAD']).trim();
    },
  };
}

/** Opens, works, and closes whatever happens. */
export async function withSession<T>(
  directory: string,
  work: (session: GitSession) => Promise<T>,
  limits: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<T> {
  const session = await createGit().open(directory, limits);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Measures two revisions of a repository. */
export function measureRange(directory: string, base: string, head: string): Promise<Change> {
  return withSession(directory, async (session) => {
    const [from, to] = [await session.resolveCommit(base), await session.resolveCommit(head)];
    return session.measure(from, to.tree, to.id);
  });
}

/** Measures the work tree against a revision. */
export function measureWorkTree(directory: string, base = 'HEAD'): Promise<Change> {
  return withSession(directory, async (session) =>
    session.measure(await session.resolveCommit(base), await session.sealWorkTree(), null),
  );
}

export async function contentsOf(session: GitSession, change: Change, maxBytes = 1 << 20): Promise<FileContent[]> {
  const contents: FileContent[] = [];
  for await (const content of session.readContents(change, { maxBytes })) contents.push(content);
  return contents;
}

export async function patchOf(session: GitSession, change: Change): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of session.diff(change)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** One line a changed file: what a person would check by eye. */
export function summary(change: Change): string[] {
  return change.files.map(({ status, oldPath, newPath, added, removed, binary }) => {
    const path = status === 'R' ? `${oldPath} -> ${newPath}` : (newPath ?? oldPath ?? '');
    return `${status} ${binary ? 'binary' : `+${added} -${removed}`} ${path}`;
  });
}

/** `count` different lines. */
export function lines(count: number, word = 'line'): string {
  return Array.from({ length: count }, (_, index) => `${word} ${index + 1}\n`).join('');
}
