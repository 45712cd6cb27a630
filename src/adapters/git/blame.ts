import type { BlamedLines } from '../../ports/git.js';
import { gitFault } from './git-fault.js';
import { readPath } from './path-text.js';
import { collectGit, type GitCommand } from './spawn-git.js';

const header = /^([0-9a-f]{40}|[0-9a-f]{64}) \d+ (\d+) (\d+)$/;

/**
 * Asks git which commit each line of a file came with, through renames (git's own) and lines that the same commit moved
 * from other files (`-C`). Nothing of the repository has a say: no ignore list, no textconv, no mailmap.
 * @throws GIT_FAILED also for a path that no argument can hold
 */
export async function blame(
  git: GitCommand,
  asked: { readonly commit: string; readonly path: string; readonly lines: { from: number; to: number } | null },
): Promise<readonly BlamedLines[]> {
  const { commit, path, lines } = asked;
  if (/[\0\ud800-\udfff]/u.test(path)) {
    throw gitFault('GIT_FAILED', 'git cannot be asked for a file whose name is not UTF-8', {
      mend: 'rename the file',
      place: { file: path },
    });
  }
  const only = lines === null ? [] : ['-L', `${lines.from},${lines.to}`];
  const args = ['-c', 'core.quotePath=false', 'blame', '--incremental', '--root', '-C', ...only, commit, '--', path];
  const told = (await collectGit(git, args)).toString('latin1');
  return readIncremental(told).sort((a, b) => a.from - b.from);
}

/** Each entry begins with commit and lines, and ends with the name that the file had there. @see git-blame(1) */
function readIncremental(text: string): BlamedLines[] {
  const found: BlamedLines[] = [];
  let entry: Omit<BlamedLines, 'path'> | null = null;
  for (const line of text.split('\n')) {
    const [, commit = '', here = '', count = ''] = header.exec(line) ?? [];
    if (commit !== '') {
      const from = Number(here);
      entry = { commit, from, to: from + Number(count) - 1 };
    } else if (entry !== null && line.startsWith('filename ')) {
      found.push({ ...entry, path: unquote(line.slice('filename '.length)) });
      entry = null;
    }
  }
  return found;
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' };

/** A name as git writes it: bare, or in quotes with escapes where it holds quotes or control characters. */
function unquote(name: string): string {
  if (!name.startsWith('"')) return readPath(Buffer.from(name, 'latin1'));
  const bytes = name
    .slice(1, -1)
    .replaceAll(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
    );
  return readPath(Buffer.from(bytes, 'latin1'));
}
