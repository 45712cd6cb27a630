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

/** The command line as one person speaks to it from one place, without fsync: what it answered, and its JSON. */
export function speakFrom(place: () => { readonly home: string; readonly cwd: string }): {
  readonly cli: (...argv: string[]) => ReturnType<typeof arbiter>;
  /** @throws where nothing was printed */
  readonly json: <T>(...argv: string[]) => T;
} {
  const cli = (...argv: string[]): ReturnType<typeof arbiter> =>
    arbiter(argv, { ...place(), env: { ARBITER_FSYNC: 'off', CI: 'true' } });
  const json = <T>(...argv: string[]): T => {
    const run = cli(...argv, '--json');
    if (run.out === '') throw new Error(`nothing was printed: ${run.err}`);
    return JSON.parse(run.out) as T;
  };
  return { cli, json };
}
