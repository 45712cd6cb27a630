import { gitFault } from './git-fault.js';
import { collectGit, type GitCommand } from './spawn-git.js';

/** GIT_CONFIG_GLOBAL and .gitignore files that are not followed as symlinks are 2.32; Ubuntu 22.04 ships 2.34. */
const MINIMUM_GIT = [2, 34] as const;

/** The version of git as it says it. @throws GIT_TOO_OLD, GIT_FAILED */
export async function checkGitVersion(git: GitCommand): Promise<string> {
  const said = (await collectGit(git, ['version'])).toString('utf8').trim();
  const [, major = '', minor = ''] = /^git version (\d+)\.(\d+)/.exec(said) ?? [];
  const [wantMajor, wantMinor] = MINIMUM_GIT;
  const isEnough = Number(major) > wantMajor || (Number(major) === wantMajor && Number(minor) >= wantMinor);
  if (major === '' || !isEnough) {
    throw gitFault('GIT_TOO_OLD', `git is too old or unknown: it says "${said}"`, {
      mend: `install git ${MINIMUM_GIT.join('.')} or newer`,
    });
  }
  return said.replace('git version ', '');
}
