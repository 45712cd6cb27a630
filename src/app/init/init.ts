import { z } from 'zod';
import { detectStack, type Stack } from '../../core/caws/detect-stack.js';
import { renderArbiterConfig, renderPolicy } from '../../core/caws/render-setup.js';
import { encodeUtf8 } from '../../core/digest.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { establishKeys, pinRoot, renderAllowedSigners, signKeyring } from './establish-keys.js';
import { renderWorkflow, workflowPath, workflowSteps } from './github-workflow.js';
import { useRepository } from '../use-repository.js';

export const initInputSchema = z.strictObject({
  repository: z.string().min(1),
  github: z.boolean().optional().describe('Also write the required check for GitHub Actions.'),
});
export type InitInput = z.infer<typeof initInputSchema>;

export const initOutputSchema = z
  .strictObject({
    root: z.string(),
    stack: z.string().nullable(),
    written: z.array(z.string()).describe('Files made, in the repository or outside it.'),
    kept: z.array(z.string()).describe('Files that were there and stay as they are.'),
    rootKeyId: z.string(),
    verdictKeyId: z.string(),
    sandbox: z.strictObject({ available: z.boolean(), detail: z.string() }),
    notes: z.array(z.string()),
    next: z.array(z.string()),
  })
  .meta({ id: 'InitResult' });
export type InitOutput = z.infer<typeof initOutputSchema>;

/**
 * Sets a repository up: policy, gates for its stack, keys outside it, a signed keyring, the root pinned outside.
 * Never overwrites a file. @throws NOT_A_REPOSITORY, KEY_INSIDE_REPOSITORY, PINNED_ROOT_DIFFERS
 */
export const init: Operation<InitInput, InitOutput> = {
  name: 'init',
  summary: 'set a repository up: policy, gates for its stack, a verdict key outside it',
  role: 'human',
  input: initInputSchema,
  output: initOutputSchema,
  async run(ports: Ports, input, { progress, signal }) {
    progress.stage('look', 'finding the stack');
    return useRepository(ports, input.repository, signal, async (git) => {
      const stack = await findStack(ports, git.root);
      progress.stage('keys', 'outside the repository');
      const keys = await establishKeys(ports, `${ports.places.configHome}/keys`, git.root);
      const keyring = renderAllowedSigners(keys);
      progress.stage('write', '.caws');
      const files = await writeAll(ports, git.root, [
        ['.caws/policy.yaml', renderPolicy()],
        ['.caws/arbiter.yaml', renderArbiterConfig(stack, { sandbox: 'bubblewrap' })],
        ['.caws/keys/allowed_signers', keyring],
        ...(input.github === true ? [[workflowPath, renderWorkflow(keys.root)] as const] : []),
      ]);
      if (files.written.includes('.caws/keys/allowed_signers')) {
        const signed = await writeAll(ports, git.root, [
          ['.caws/keys/allowed_signers.sig', await signKeyring(keys.root, keyring)],
        ]);
        files.written.push(...signed.written);
      }
      const pinned = await pinRoot(ports, git, keys.root);
      const probe = await ports.sandboxes.bubblewrap.probe();
      return {
        root: git.root,
        stack: stack?.name ?? null,
        written: [...files.written, ...keys.made],
        kept: [...files.kept, ...keys.found],
        rootKeyId: keys.root.keyId,
        verdictKeyId: keys.verdict.keyId,
        sandbox: { available: probe.available, detail: probe.detail },
        notes: [
          ...(stack?.missing ?? ['no stack was recognised: write your gates into .caws/arbiter.yaml']),
          ...pinned,
        ],
        next: [...nextSteps(probe.available), ...(input.github === true ? workflowSteps : [])],
      };
    });
  },
};

async function findStack(ports: Ports, root: string): Promise<Stack | null> {
  const read = async (name: string): Promise<string | null> =>
    (await ports.files.exists(`${root}/${name}`))
      ? new TextDecoder().decode(await ports.files.readFile(`${root}/${name}`))
      : null;
  const names = await ports.files.list(root);
  const requirements: string[] = [];
  for (const name of names) {
    if (/^(requirements.*\.txt|setup\.cfg|tox\.ini)$/.test(name)) requirements.push((await read(name)) ?? '');
  }
  return detectStack({
    names,
    requirements: requirements.join('\n'),
    packageJson: await read('package.json'),
    pyproject: await read('pyproject.toml'),
    makefile: (await read('Makefile')) ?? (await read('GNUmakefile')),
  });
}

async function writeAll(
  ports: Ports,
  root: string,
  files: readonly (readonly [string, string])[],
): Promise<{ written: string[]; kept: string[] }> {
  const written: string[] = [];
  const kept: string[] = [];
  for (const [path, text] of files) {
    if (await ports.files.exists(`${root}/${path}`)) kept.push(path);
    else {
      await ports.files.writeNewFile(`${root}/${path}`, encodeUtf8(text));
      written.push(path);
    }
  }
  return { written, kept };
}

function nextSteps(hasSandbox: boolean): string[] {
  return [
    ...(hasSandbox ? [] : ['install bubblewrap (Debian: apt-get install bubblewrap): gates fail closed without it']),
    'read .caws/arbiter.yaml and .caws/policy.yaml, then commit .caws',
    'arbiter gates check      asks each gate for red on a known-bad change',
    'arbiter spec new         writes the first working spec; commit it too',
    'arbiter adjudicate       judges the work tree against HEAD',
  ];
}
