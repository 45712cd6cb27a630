import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built command line. */
export const main = fileURLToPath(new URL('../../bin/main.js', import.meta.url));

/** Runs the built command line (or another `program`) as a user would, with a home of its own. */
export function arbiter(
  argv: readonly string[],
  options: {
    readonly home: string;
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly program?: string;
  },
): { readonly code: number | null; readonly out: string; readonly err: string } {
  const env = { PATH: process.env['PATH'] ?? '', HOME: options.home, ...options.env };
  const run = spawnSync(process.execPath, [options.program ?? main, ...argv], {
    cwd: options.cwd ?? options.home,
    env,
    encoding: 'utf8',
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}
