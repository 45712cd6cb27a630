import { collectGit, type GitCommand } from './spawn-git.js';

/**
 * `user.email` as git would write it into a commit here, null where it is not set. The one question that the user's own
 * configuration and the repository's answer: it asks for a name, and nothing is judged by it. @throws GIT_FAILED
 */
export async function readUserAddress(git: GitCommand, root: string): Promise<string | null> {
  const { HOME, XDG_CONFIG_HOME } = process.env;
  const env = {
    PATH: process.env['PATH'] ?? '',
    GIT_CONFIG_NOSYSTEM: '1',
    ...(HOME === undefined ? {} : { HOME }),
    ...(XDG_CONFIG_HOME === undefined ? {} : { XDG_CONFIG_HOME }),
  };
  const asked = { ...git, env, cwd: root };
  const text = (await collectGit(asked, ['config', '--default', '', '--get', 'user.email'])).toString('utf8').trim();
  return text === '' ? null : text;
}
