import { realpath } from 'node:fs/promises';
import { findShowing } from '../../../core/caws/keys/sandbox-reach.js';
import { Fault } from '../../../core/fault.js';
import type { SandboxFaultCode } from '../../../ports/sandbox.js';

/**
 * Refuses to show a worker what holds keys, or lies among them: an agent's command line may name any folder.
 * @param installs what is about to be shown
 * @param closed files and folders of keys; those that do not exist hold none
 * @throws SANDBOX_FAILED
 */
export async function refuseShownKeys(installs: readonly string[], closed: readonly string[]): Promise<void> {
  for (const secret of closed) {
    const places = [secret, await realPlace(secret)];
    for (const install of installs) {
      const shown = [install, await realPlace(install)];
      const asFolders = (paths: readonly string[]) => paths.map((path) => ({ path, why: '' }));
      if (findShowing(places, asFolders(shown)) === null && findShowing(shown, asFolders(places)) === null) continue;
      throw new Fault<SandboxFaultCode>(
        'SANDBOX_FAILED',
        `the agent’s sandbox would show it keys: ${install} and ${secret}`,
        {
          mend: 'take that path out of the agent’s command line, or keep the agent and the keys in different folders',
        },
      );
    }
  }
}

function realPlace(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
