import { collectGit, type GitCommand } from './spawn-git.js';

/**
 * Addresses of everyone who wrote or committed a commit that `head` has and `base` does not, sorted, each once; names
 * are what the commits say of themselves. @throws GIT_FAILED
 */
export async function listAuthors(git: GitCommand, base: string, head: string): Promise<readonly string[]> {
  const text = (await collectGit(git, ['log', '-z', '--format=%ae%n%ce', `${base}..${head}`])).toString('utf8');
  const addresses = text.split(/[\0\n]/).map((address) => address.trim());
  return [...new Set(addresses.filter((address) => address !== ''))].sort();
}
