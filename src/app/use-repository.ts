import type { GitSession } from '../ports/git.js';
import type { Ports } from '../ports/ports.js';

/**
 * Opens the repository that a folder lies in, hands it to `use`, and closes it whatever happens.
 * @throws GIT_MISSING, GIT_TOO_OLD, NOT_A_REPOSITORY, and what `use` throws
 */
export async function useRepository<Result>(
  ports: Pick<Ports, 'git'>,
  directory: string,
  signal: AbortSignal,
  use: (git: GitSession) => Promise<Result>,
): Promise<Result> {
  const git = await ports.git.open(directory, { signal });
  try {
    return await use(git);
  } finally {
    await git.close();
  }
}
