import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Top of this checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Processor, memory, system and versions of what measures, in one line. */
export function describeMachine(): string {
  const [first] = cpus();
  const gitVersion = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `${first?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${memoryGb} GB, ${type()} ${release()}, Node ${process.version}, ${gitVersion}`;
}

/** The commit that is measured, and whether the source differs from it. */
export function describeCommit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const isDirty = git('status', '--porcelain', '--', 'src') !== '';
  return `${git('rev-parse', '--short=12', 'HEAD')}${isDirty ? ' with uncommitted changes under src' : ''}`;
}

/** What else the machine had to do, asked before a bench begins. */
export function describeLoad(): string {
  const cores = cpus().length;
  return `${(loadavg()[0] ?? 0).toFixed(1)} over ${cores} cores, so that above ${cores} other work was in the way`;
}

/** Three digits, or whole numbers from a hundred on. */
export function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
