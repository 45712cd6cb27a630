import { Fault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';

export type WhyFaultCode = 'WHY_FILE_UNKNOWN' | 'WHY_LINE_OUT_OF_RANGE' | 'WHY_FILE_BINARY';

/** Lines of a file of a commit that somebody asks about; `lines` null: all of them. */
export interface AskedLines {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly total: number;
  readonly lines: { readonly from: number; readonly to: number } | null;
}

/**
 * Reads FILE, FILE:LINE or FILE:FROM-TO against a commit. A file that is really called so comes before a line of another.
 * @param target absolute, or from the top of the repository
 * @throws WHY_FILE_UNKNOWN, WHY_LINE_OUT_OF_RANGE, WHY_FILE_BINARY, GIT_FAILED for a symlink or submodule
 */
export async function locateLines(
  ports: Ports,
  git: GitSession,
  asked: { readonly target: string; readonly commit: string; readonly revision: string },
): Promise<AskedLines> {
  const { target, commit, revision } = asked;
  const whole = await pathIn(ports, git, target);
  const named = whole === null ? null : await git.readFile(commit, whole);
  if (whole !== null && named !== null) return { ...readText(whole, named), lines: null };
  const [, file, from, to] = /^(.+?):(\d{1,9})(?:-(\d{1,9}))?$/s.exec(target) ?? [];
  const path = file === undefined ? whole : await pathIn(ports, git, file);
  const bytes = file === undefined || path === null ? null : await git.readFile(commit, path);
  if (path === null || bytes === null) throw unknown(path ?? target, revision);
  const text = readText(path, bytes);
  return { ...text, lines: requireLines(text, Number(from), Number(to ?? from)) };
}

/** The path from the top of the repository; null outside of it. A link in the last place is the file that is meant. */
async function pathIn(ports: Ports, git: GitSession, target: string): Promise<string | null> {
  if (!target.startsWith('/')) return target.replace(/^(?:\.\/)+/, '');
  const at = target.lastIndexOf('/');
  const path = `${await ports.files.resolve(target.slice(0, at) || '/')}/${target.slice(at + 1)}`;
  const plain = await ports.files.resolve(git.root);
  return path.startsWith(`${plain}/`) ? path.slice(plain.length + 1) : null;
}

function readText(path: string, bytes: Uint8Array): Omit<AskedLines, 'lines'> {
  // As git tells binary from text.
  if (bytes.subarray(0, 8000).includes(0)) {
    throw new Fault<WhyFaultCode>('WHY_FILE_BINARY', `${path} is binary, and has no lines`, {
      mend: 'ask git log -- FILE for its commits, and arbiter verify for what covers them',
      place: { file: path },
    });
  }
  let total = bytes.length > 0 && bytes.at(-1) !== 10 ? 1 : 0;
  for (const byte of bytes) if (byte === 10) total += 1;
  return { path, bytes, total };
}

function requireLines({ path, total }: { path: string; total: number }, from: number, to: number): AskedLines['lines'] {
  if (from >= 1 && from <= to && to <= total) return { from, to };
  const lines = from === to ? `line ${from}` : `lines ${from}-${to}`;
  throw new Fault<WhyFaultCode>('WHY_LINE_OUT_OF_RANGE', `${path} has no ${lines}: it has ${total} lines`, {
    mend: 'name a line from 1, or FROM-TO, as the file stands in that commit',
    place: { file: path },
  });
}

function unknown(path: string, revision: string): Fault<WhyFaultCode> {
  return new Fault('WHY_FILE_UNKNOWN', `there is no ${path} in ${revision}`, {
    mend: 'name a committed file of this repository, or the commit that holds it with --at',
    place: { file: path },
  });
}
