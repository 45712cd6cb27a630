import { z } from 'zod';
import { encodeUtf8 } from '../../core/digest.js';
import { outcomeSchema, verdictSchema } from '../../core/caws/verdict/verdict.js';
import { renderArbiterConfig, renderPolicy } from '../../core/caws/render-setup.js';
import { detectStack } from '../../core/caws/detect-stack.js';
import type { Policy } from '../../core/caws/policy.js';
import type { Ports } from '../../ports/ports.js';
import type { ScratchRepository } from '../../ports/scratch.js';
import { adjudicate } from '../adjudicate/adjudicate.js';
import { establishKeys, renderAllowedSigners, signKeyring } from '../init/establish-keys.js';
import type { Operation, OperationContext } from '../operation.js';
import { type DemoChange, demoChanges, demoSpec, productFiles } from './demo-files.js';

export const demoInputSchema = z.strictObject({ keep: z.boolean().default(false) });
export type DemoInput = z.infer<typeof demoInputSchema>;

export const demoOutputSchema = z
  .strictObject({
    sandbox: z.enum(['bubblewrap', 'none']),
    sandboxDetail: z.string().describe('Why there is no sandbox; empty when there is one.'),
    repository: z.string().nullable().describe('Where the repository is kept, null when it was removed.'),
    verdicts: z.array(
      z.strictObject({
        name: z.string(),
        story: z.string(),
        expected: outcomeSchema,
        verdict: verdictSchema,
        signature: z
          .enum(['verified', 'refused', 'ssh-keygen missing', 'unsigned'])
          .describe('What ssh-keygen -Y verify said.'),
        milliseconds: z.number().int().nonnegative(),
      }),
    ),
  })
  .meta({ id: 'DemoResult' });
export type DemoOutput = z.infer<typeof demoOutputSchema>;

/**
 * Makes a real repository in a temporary folder and adjudicates real changes on it, with keys of its own: nothing of
 * the user's is read or written. Where no sandbox works, the demo's own base says `sandbox: none`, and so does each
 * verdict.
 */
export const demo: Operation<DemoInput, DemoOutput> = {
  name: 'demo',
  summary: 'make a small repository, adjudicate real changes on it, and show the verdicts',
  role: 'anyone',
  input: demoInputSchema,
  output: demoOutputSchema,
  async run(ports, input, context) {
    const probe = await ports.sandboxes.bubblewrap.probe();
    const sandbox = probe.available ? 'bubblewrap' : 'none';
    context.progress.stage('prepare', 'a repository with tests, a policy and a spec');
    const keys = await ports.scratch.createFolder('demo-keys');
    const repository = await ports.scratch.createRepository('demo');
    try {
      const base = await layBase(ports, repository, keys.directory, sandbox);
      const verdicts: DemoOutput['verdicts'] = [];
      for (const change of demoChanges) {
        verdicts.push(await judge(ports, repository, base, keys.directory, change, context));
      }
      return {
        sandbox,
        sandboxDetail: probe.available ? '' : probe.detail,
        repository: input.keep ? repository.directory : null,
        verdicts,
      };
    } finally {
      if (!input.keep) await repository.remove();
      if (!input.keep) await keys.remove();
    }
  },
};

/** Budgets of a product of forty lines. */
const smallBudgets: Policy['budgets'] = {
  1: { maxFiles: 2, maxLoc: 20 },
  2: { maxFiles: 4, maxLoc: 40 },
  3: { maxFiles: 5, maxLoc: 60 },
};

async function layBase(
  ports: Ports,
  repository: ScratchRepository,
  keyFolder: string,
  sandbox: 'bubblewrap' | 'none',
): Promise<string> {
  const keys = await establishKeys(ports, keyFolder, repository.directory);
  const keyring = renderAllowedSigners(keys.verdict);
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

async function judge(
  ports: Ports,
  repository: ScratchRepository,
  base: string,
  keyFolder: string,
  change: DemoChange,
  context: OperationContext,
): Promise<DemoOutput['verdicts'][number]> {
  const startedMs = ports.clock.nowMs();
  await repository.branch(change.name, base);
  const head = await repository.commit(change.story, change.files);
  const out = `${keyFolder}/${change.name}`;
  const { verdict, files } = await adjudicate.run(
    ports,
    { repository: repository.directory, base, head, spec: 'POST-001', out, key: `${keyFolder}/verdict` },
    { ...context, progress: prefix(context, change.name) },
  );
  const signature =
    files.signature === null
      ? 'unsigned'
      : await ports.sshKeygen.verify({
          allowedSigners: encodeUtf8(
            new TextDecoder().decode(await ports.files.readFile(`${repository.directory}/.caws/keys/allowed_signers`)),
          ),
          principal: 'arbiter',
          namespace: 'caws-verdict',
          message: await ports.files.readFile(files.verdict),
          signaturePath: files.signature,
        });
  const milliseconds = Math.max(0, ports.clock.nowMs() - startedMs);
  return { name: change.name, story: change.story, expected: change.expected, verdict, signature, milliseconds };
}

function prefix(context: OperationContext, name: string): OperationContext['progress'] {
  return {
    stage: (stage, detail) => context.progress.stage(`${name}: ${stage}`, detail),
    note: (text) => context.progress.note(text),
  };
}
