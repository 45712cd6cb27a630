import type { ShownPath } from '../../../core/caws/keys/sandbox-reach.js';
import { systemConfiguration } from '../../sandbox/bubblewrap-argv.js';
import { installationOf, systemFolders } from '../../sandbox/host-tools.js';
import { firstOf } from '../programs/find-installed.js';
import { knownPrograms } from '../programs/known-programs.js';

const freshMs = 5000;

/**
 * What of this machine the sandbox of a worker shows beside the folders of its own room: the system, the node that runs
 * us, and the known agents in the folders of `path`, which the caller has trusted (`trustedPath`).
 */
export function shownToWorkers(path: string): readonly ShownPath[] {
  const ownNode = installationOf(process.execPath);
  const executables = knownPrograms.flatMap(({ name, cli, acp }) =>
    [cli, acp].flatMap((face) => (face === null ? [] : [{ name, executables: face.executables }])),
  );
  return [
    ...[...systemFolders, ...systemConfiguration].map((shown) => ({
      path: shown,
      why: 'the system that every run needs',
    })),
    ...(ownNode === null ? [] : [{ path: ownNode, why: 'the node that runs Arbiter' }]),
    ...executables.flatMap(({ name, executables: names }) =>
      (firstOf(names, path)?.shown ?? []).map((shown) => ({
        path: shown,
        why: `where the agent ${name} is installed`,
      })),
    ),
  ];
}

/**
 * The same, looked for again when the last look is older than five seconds or the path is another: people install agents,
 * but not between two keys of one verdict, and a look asks for some hundred files.
 */
export function createShownToWorkers(readPath: () => string, nowMs: () => number): () => readonly ShownPath[] {
  let last: { readonly path: string; readonly atMs: number; readonly shown: readonly ShownPath[] } | null = null;
  return () => {
    const [path, atMs] = [readPath(), nowMs()];
    if (last === null || last.path !== path || atMs < last.atMs || atMs - last.atMs > freshMs)
      last = { path, atMs, shown: shownToWorkers(path) };
    return last.shown;
  };
}
