import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Fault, isFault } from '../../core/fault.js';
import type { GitFaultCode } from '../../ports/git.js';
import type { Scratch, ScratchFaultCode, ScratchRepository } from '../../ports/scratch.js';

/** Scratch folders under the system's temporary folder. */
export function createScratch(): Scratch {
  return { createFolder, createRepository };
}

async function createFolder(name: string): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), `arbiter-${name}-`));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

async function createRepository(name: string): Promise<ScratchRepository> {
  const { directory, remove } = await createFolder(name);
  const git = (...argv: string[]): Promise<string> => runGit(directory, argv);
  try {
    await git('init', '-q', '-b', 'main');
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    directory,
    remove,
    async commit(message, files) {
      for (const [path, text] of Object.entries(files)) await writeOrDelete(join(directory, path), text);
      await git('add', '-A');
      await git('commit', '-q', '--no-verify', '-m', message);
      return (await git('rev-parse', 'HEAD')).trim();
    },
    async branch(branch, commit) {
      await git('checkout', '-q', '-f', '-B', branch, commit);
    },
  };
}

async function writeOrDelete(file: string, text: string | null): Promise<void> {
  if (text === null) return rm(file, { force: true });
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  if (text.startsWith('#!')) await chmod(file, 0o755);
}

/** Who commits in a scratch repository; the user's own git configuration has no say in it. */
const identity = {
  GIT_AUTHOR_NAME: 'Arbiter demo',
  GIT_AUTHOR_EMAIL: 'demo@arbiter.invalid',
  GIT_COMMITTER_NAME: 'Arbiter demo',
  GIT_COMMITTER_EMAIL: 'demo@arbiter.invalid',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
} as const;

function runGit(directory: string, argv: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory, LC_ALL: 'C', ...identity };
  return new Promise((resolve, reject) => {
    execFile('git', ['-C', directory, ...argv], { env, timeout: 30_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(explain(error, argv, stderr));
    });
  });
}

function explain(error: Error & { code?: unknown }, argv: readonly string[], stderr: string): Fault {
  if (isFault(error)) return error;
  if (error.code === 'ENOENT') {
    return new Fault<GitFaultCode>('GIT_MISSING', 'git is not installed, or not in PATH', {
      mend: 'install git (Debian: apt-get install git)',
      cause: error,
    });
  }
  return new Fault<ScratchFaultCode>(
    'SCRATCH_FAILED',
    `git ${argv[0] ?? ''} failed in a scratch repository: ${stderr.trim()}`,
    {
      mend: 'see that the temporary folder is writable and has room',
      cause: error,
    },
  );
}
