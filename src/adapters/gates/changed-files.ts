import type { GateConfig } from '../../core/caws/arbiter-config.js';
import type { Change } from '../../core/caws/change.js';
import { isRunnerFile } from '../../core/caws/gate/runner-files.js';
import { sourceLanguage } from '../../core/caws/gate/source-language.js';
import type { TestFramework } from '../../core/caws/gate/test-framework.js';
import { isTestPath } from '../../core/caws/test-path.js';
import type { GitSession } from '../../ports/git.js';
import type { Overlay } from './gate-room.js';

const modulesAtMost = 200;

/**
 * Changed product files that tests of the framework can import, sorted, at most 200. None for Go: a test is linked with
 * its whole package and all that it imports.
 */
export function changedModules(change: Change, framework: TestFramework): readonly string[] {
  if (framework === 'go') return [];
  const language = framework === 'pytest' ? 'python' : 'javascript';
  return change.files
    .flatMap(({ newPath, newMode }) => (newPath !== null && newMode?.startsWith('100') === true ? [newPath] : []))
    .filter((path) => sourceLanguage(path) === language && !isRunnerFile(path))
    .slice(0, modulesAtMost);
}

/** The paths a gate may find tests at: those below its folder, or all where that holds none. */
export function testPathsOf(gate: GateConfig, paths: readonly string[]): readonly string[] {
  const below = gate.cwd === '.' ? paths : paths.filter((path) => path.startsWith(`${gate.cwd}/`));
  return below.some(isTestPath) ? below : paths;
}

/** Names that `node --test` takes for tests beyond those that every runner does. */
const nodeTestName = /(^|\/)(test-[^/]*|[^/]*[-_]test)\.[cm]?js$/;

/** Paths of tests, snapshots and their helpers that the change touches, old and new, sorted. */
export function changedTestPaths(change: Change, framework: TestFramework): readonly string[] {
  const isTest = (path: string): boolean => isTestPath(path) || (framework === 'node' && nodeTestName.test(path));
  const paths = change.files.flatMap(({ oldPath, newPath }) => [oldPath, newPath]);
  return [...new Set(paths.filter((path) => path !== null))].filter(isTest).sort();
}

/** Puts the tests of one tree over another: each path as it is in `treeish`, or away where it has none. */
export async function testsOf(git: GitSession, treeish: string, paths: readonly string[]): Promise<Overlay> {
  const modes = new Map((await git.listFiles(treeish, '')).map((entry) => [entry.path, entry.mode]));
  const overlay = new Map<string, Uint8Array | null>();
  for (const path of paths) {
    // A test that is a link or a submodule is a finding of the examination, and no test of ours.
    const isFile = modes.get(path)?.startsWith('100') === true;
    overlay.set(path, isFile ? await git.readFile(treeish, path) : null);
  }
  return overlay;
}
