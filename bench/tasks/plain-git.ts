import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What a loop is about, for git alone. */
export interface PlainLoop {
  readonly repository: string;
  readonly base: string;
  readonly patch: string;
}

const lawFiles = ['keys/allowed_signers', 'specs/POST-001.yaml', 'policy.yaml', 'arbiter.yaml'];

/**
 * The git work of one task by git's own commands, a process each, and nothing else: the base, the law, the patch applied
 * to an index, the tree, the change counted and shown, its blobs, the patch to keep, the commit and its ref.
 */
export async function plainLoop({ repository, base, patch }: PlainLoop, name: string): Promise<void> {
  const index = join(repository, '.git', `index-${randomUUID()}`);
  const git = (args: readonly string[], input = ''): Promise<string> => runGit(repository, index, args, input);
  try {
    const [commit = ''] = (await git(['rev-parse', `${base}^{commit}`, `${base}^{tree}`])).split('\n');
    await git(['cat-file', '--batch'], lawFiles.map((file) => `${commit}:.caws/${file}\n`).join(''));
    await git(['read-tree', commit]);
    await git(['apply', '--cached', '--whitespace=nowarn', '-'], patch);
    const tree = (await git(['write-tree'])).trim();
    const raw = await git(['diff-tree', '-r', '--raw', '--numstat', '-p', '-U1', '--full-index', commit, tree]);
    const blobs = [...raw.matchAll(/^:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) /gm)].flatMap(([, from, to]) => [from, to]);
    await git(['cat-file', '--batch'], blobs.map((id) => `${id ?? ''}\n`).join(''));
    await git(['diff-tree', '-r', '-p', '--binary', '--full-index', commit, tree]);
    const kept = (await git(['commit-tree', tree, '-p', commit, '-m', name])).trim();
    await git(['update-ref', `refs/arbiter/plain/${name}`, kept]);
  } finally {
    rmSync(index, { force: true });
  }
}

/** Reads what `whole-loop.ts` has written down for the processes. */
export function readPlainLoop(file: string): PlainLoop {
  return JSON.parse(readFileSync(file, 'utf8')) as PlainLoop;
}

function runGit(cwd: string, index: string, args: readonly string[], input: string): Promise<string> {
  const env = {
    PATH: '/usr/bin:/bin',
    GIT_INDEX_FILE: index,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'bench',
    GIT_AUTHOR_EMAIL: 'bench@localhost',
    GIT_COMMITTER_NAME: 'bench',
    GIT_COMMITTER_EMAIL: 'bench@localhost',
  };
  const child = spawn('git', [...args], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  // Who reads no input breaks the pipe; its exit status says how it went.
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(said) : reject(new Error(`git ${args[0] ?? ''}: ${code}`))));
  });
}
