import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { FoundAgent } from '../../../ports/worker.js';
import { knownPrograms } from './known-programs.js';
import { type LocatedProgram, locateProgram, packagedVersion } from './locate-program.js';
import type { KnownProgram } from './program.js';

/** A program that does not say its version in so long is listed as `unknown`. */
const patienceMs = 5000;

/**
 * Known agents in the folders of `path`, which the caller has trusted (`trustedPath`), in the order of the table, `cli`
 * before `acp`. The version is read from the package, else asked of the program, which gets no environment of ours, at
 * most 5 s and 64 KiB; `unknown` when it does not say.
 */
export async function findInstalled(path: string, signal: AbortSignal): Promise<readonly FoundAgent[]> {
  const wanted = knownPrograms.flatMap((program) => facesOf(program));
  const found = wanted.flatMap(({ program, kind, executables }) => {
    const located = firstOf(executables, path);
    return located === null ? [] : [{ program, kind, located }];
  });
  const versions = new Map<string, Promise<string>>();
  return Promise.all(
    found.map(async ({ program, kind, located }) => {
      const asked = versions.get(located.path) ?? versionOf(located, signal);
      versions.set(located.path, asked);
      return { program, kind, path: located.path, version: await asked };
    }),
  );
}

/** The program that answers to one of the names, the first first; null when none is there. */
export function firstOf(executables: readonly string[], path: string): LocatedProgram | null {
  for (const name of executables) {
    const located = locateProgram(name, path);
    if (located !== null) return located;
  }
  return null;
}

function facesOf(
  program: KnownProgram,
): readonly { program: string; kind: 'acp' | 'cli'; executables: readonly string[] }[] {
  return (['cli', 'acp'] as const).flatMap((kind) => {
    const face = program[kind];
    return face === null ? [] : [{ program: program.name, kind, executables: face.executables }];
  });
}

/** The version of a program as its package or itself states it; `unknown` when neither does. */
export async function versionOf(located: LocatedProgram, signal: AbortSignal): Promise<string> {
  const packaged = packagedVersion(located.path);
  if (packaged !== null) return packaged;
  const said = await askVersion(located, signal);
  return /\d+\.\d+(?:\.\d+)?(?:[-+.][0-9A-Za-z.-]+)?/.exec(said)?.[0] ?? 'unknown';
}

async function askVersion(located: LocatedProgram, signal: AbortSignal): Promise<string> {
  const [program = located.path, ...rest] = located.argv;
  const home = await mkdtemp(join(tmpdir(), 'arbiter-version-'));
  const path = [...located.pathFolders, '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
  const options = {
    env: { PATH: path, HOME: home, TMPDIR: home, NO_COLOR: '1', DO_NOT_TRACK: '1', NO_UPDATE_NOTIFIER: '1' },
    cwd: home,
    timeout: patienceMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: 65_536,
    signal,
  };
  try {
    return await new Promise((resolve) => {
      const child = execFile(program, [...rest, '--version'], options, (_error, stdout, stderr) => {
        resolve(`${stdout}\n${stderr}`);
      });
      child.stdin?.end();
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
