import { detectStack } from '../../core/caws/detect-stack.js';
import type { Policy } from '../../core/caws/policy.js';
import { renderArbiterConfig, renderPolicy } from '../../core/caws/render-setup.js';
import type { Ports } from '../../ports/ports.js';
import type { ScratchRepository } from '../../ports/scratch.js';
import { establishKeys, renderAllowedSigners, signKeyring } from '../init/establish-keys.js';
import { demoSpec, productFiles } from './demo-files.js';

/** Budgets of a product of forty lines. */
const smallBudgets: Policy['budgets'] = {
  1: { maxFiles: 2, maxLoc: 20 },
  2: { maxFiles: 4, maxLoc: 40 },
  3: { maxFiles: 5, maxLoc: 60 },
};

/** Commits the product under its law, with keys made in `keyFolder`; answers the commit. */
export async function layBase(
  ports: Ports,
  repository: ScratchRepository,
  keyFolder: string,
  sandbox: 'bubblewrap' | 'none',
): Promise<string> {
  const keys = await establishKeys(ports, keyFolder, repository.directory);
  const keyring = renderAllowedSigners(keys);
  const stack = detectStack({
    names: ['package.json'],
    packageJson: productFiles['package.json'] ?? null,
    pyproject: null,
    makefile: null,
  });
  return repository.commit('The product, its spec, and the rules that it is judged by', {
    ...productFiles,
    '.caws/specs/POST-001.yaml': demoSpec,
    '.caws/policy.yaml': renderPolicy(smallBudgets),
    '.caws/arbiter.yaml': renderArbiterConfig(stack, { sandbox }),
    '.caws/keys/allowed_signers': keyring,
    '.caws/keys/allowed_signers.sig': await signKeyring(keys.root, keyring),
  });
}
