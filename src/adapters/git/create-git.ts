import { tmpdir } from 'node:os';
import process from 'node:process';
import type { Git, GitSession } from '../../ports/git.js';
import { findGit } from './find-git.js';
import { checkGitVersion } from './git-version.js';
import { locateRepository } from './locate-repository.js';
import { openSession, type OpenedSession, type SessionOptions } from './open-session.js';
import { reapTemporaryFolders } from './temporary-folder.js';

export interface GitOptions {
  /** Where git is looked for, as PATH is written; PATH itself by default. */
  readonly searchPath?: string;
  /** Parent of the private GIT_DIRs; the system's temporary directory by default. */
  readonly temporaryDirectory?: string;
}

const TIMEOUT_MS = 120_000;

/**
 * Git through child processes with an environment built from nothing (constitution §3, Measuring). `timeoutMs` of `open`
 * (2 minutes) is the longest that any one git process may stay silent while it is waited for.
 */
export function createGit(options: GitOptions = {}): Git {
  const versions = new Map<string, Promise<string>>();
  return {
    async open(directory, limits = {}) {
      const temporaryDirectory = options.temporaryDirectory ?? tmpdir();
      const repository = locateRepository(directory);
      const binary = findGit(options.searchPath ?? process.env['PATH'] ?? '', repository.root);
      const { timeoutMs = TIMEOUT_MS, signal, quarantine } = limits;
      const program = { binary, temporaryDirectory, timeoutMs, signal, quarantine };
      const asked = Promise.all([requireVersion(versions, program), reapTemporaryFolders(temporaryDirectory)]);
      return withVersion(() => openSession(repository, program), asked);
    },
  };
}

/** Opens while git is asked for its version: the two take as long as one. */
async function withVersion(open: () => OpenedSession, asked: Promise<readonly [string, void]>): Promise<GitSession> {
  const [opened, answered] = await Promise.allSettled([Promise.resolve().then(open), asked]);
  if (opened.status === 'rejected') throw opened.reason;
  if (answered.status === 'fulfilled') return { ...opened.value, version: answered.value[0] };
  await opened.value.close();
  throw answered.reason;
}

/** Asks each program once; a failure is asked again. */
async function requireVersion(versions: Map<string, Promise<string>>, program: SessionOptions): Promise<string> {
  const { binary, temporaryDirectory, timeoutMs, signal } = program;
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  const asked =
    versions.get(binary) ??
    checkGitVersion({ binary, cwd: temporaryDirectory, env, timeoutMs, signal, running: new Set() });
  versions.set(binary, asked);
  try {
    return await asked;
  } catch (error) {
    versions.delete(binary);
    throw error;
  }
}
