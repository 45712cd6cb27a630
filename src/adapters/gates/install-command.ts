import { findProgram } from '../sandbox/host-tools.js';
import type { Manifests } from './manifests.js';

/** How packages are installed from a lock file, or what is missing for it. */
export type InstallCommand =
  | { readonly state: 'found'; readonly argv: readonly string[] }
  | { readonly state: 'missing'; readonly reason: string };

/** The command that installs exactly what the lock file says and runs nobody's scripts. */
export function installCommand(lock: 'npm' | 'pnpm' | 'yarn', manifests: Manifests): InstallCommand {
  if (findProgram(lock) === null) {
    return { state: 'missing', reason: `the lock file is ${lock}'s and ${lock} is not on the PATH: install it` };
  }
  if (lock === 'npm') {
    return found(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  if (lock === 'pnpm') {
    return found(['pnpm', 'install', '--frozen-lockfile', '--ignore-scripts', '--package-import-method=copy']);
  }
  if (manifests.files.has('.yarnrc.yml')) {
    return {
      state: 'missing',
      reason: 'packages of Yarn 2 and later are not installed by gates yet: use npm, pnpm or Yarn 1',
    };
  }
  return found(['yarn', 'install', '--frozen-lockfile', '--ignore-scripts', '--non-interactive']);
}

function found(argv: readonly string[]): InstallCommand {
  return { state: 'found', argv };
}
