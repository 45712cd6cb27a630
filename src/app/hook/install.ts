import { z } from 'zod';
import { decodeUtf8, encodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Operation } from '../operation.js';
import { useRepository } from '../use-repository.js';
import { readRootKey } from '../verify-range/root-key.js';
import { type HookPlan, hookMark, hookName, renderHook } from './hook-script.js';

export type HookFaultCode = 'HOOK_FOREIGN' | 'HOOK_UNSUITABLE';

const installInputSchema = z.strictObject({
  repository: z.string().min(1),
  kind: z.enum(['server', 'client']),
  protect: z.array(z.string().regex(/^refs\/heads\/\S+$/)).default([]),
  root: z.string().min(1).optional().describe('Absolute path of the public root key that the hook is to trust.'),
  allowLocal: z.boolean().default(false),
});
export type InstallInput = z.infer<typeof installInputSchema>;

const installOutputSchema = z
  .strictObject({
    path: z.string(),
    written: z.boolean().describe('False when this very hook was there already.'),
    protect: z.array(z.string()),
    next: z.array(z.string()),
  })
  .meta({ id: 'HookInstall' });
export type InstallOutput = z.infer<typeof installOutputSchema>;

/**
 * Installs the hook that leaves no way around (server), or one that warns (client). A hook of somebody else is never
 * overwritten; installed twice, it is there once. @throws HOOK_FOREIGN, HOOK_UNSUITABLE, ROOT_KEY_INVALID
 */
export const installHook: Operation<InstallInput, InstallOutput> = {
  name: 'hook install',
  summary: 'install the hook that refuses pushes without a verdict, or warns of them',
  role: 'human',
  input: installInputSchema,
  output: installOutputSchema,
  async run(ports, input, { signal }) {
    await readRootKey(ports, input.root);
    return useRepository(ports, input.repository, signal, async (git) => {
      const { kind, allowLocal } = input;
      await refuseUnsuitable(ports, git, kind);
      const protect = input.protect.length > 0 ? input.protect : [await protectedBranch(git)];
      for (const ref of protect) if (kind === 'server') await git.resolveCommit(ref);
      const root = input.root === undefined ? null : await ports.files.resolve(input.root);
      const path = `${git.commonDir}/hooks/${hookName(kind)}`;
      const written = await writeHook(ports, path, { kind, ...ports.program, protect, root, allowLocal });
      return { path, written, protect, next: [`to take it away: rm ${path}`] };
    });
  },
};

async function refuseUnsuitable(ports: Ports, git: GitSession, kind: HookPlan['kind']): Promise<void> {
  if (kind === 'server' && !git.bare) {
    throw unsuitable(
      'this is no bare repository: nobody pushes to a protected branch here',
      'go to the bare repository on the server; in a clone use --client',
    );
  }
  const config = decodeUtf8(await ports.files.readFile(`${git.commonDir}/config`)) ?? '';
  if (/^\s*hookspath\s*=/im.test(config)) {
    throw unsuitable(
      'core.hooksPath of this repository leads git to other hooks',
      'run git config --unset core.hooksPath, or call arbiter hook receive from the hooks there',
    );
  }
}

/** The branch that the protected ref is, also where it is known as a remote's. @throws HOOK_UNSUITABLE, UNKNOWN_REVISION */
async function protectedBranch(git: GitSession): Promise<string> {
  const tip = await git.protectedTip();
  const ref = tip?.ref.replace(/^refs\/remotes\/origin\//, 'refs/heads/') ?? '';
  if (ref.startsWith('refs/heads/')) return ref;
  throw unsuitable(
    'there is no protected branch here yet',
    'push the first commits with the constitution (.caws), or name one with --protect refs/heads/NAME',
  );
}

async function writeHook(ports: Ports, path: string, plan: HookPlan): Promise<boolean> {
  const text = renderHook(plan);
  if (!(await ports.files.exists(path))) {
    await ports.files.writeNewFile(path, encodeUtf8(text), { executable: true });
    return true;
  }
  const there = decodeUtf8(await ports.files.readFile(path)) ?? '';
  if (there === text) return false;
  if (!there.includes(`\n${hookMark}`)) {
    throw new Fault<HookFaultCode>('HOOK_FOREIGN', `${path} is a hook of somebody else, and is left as it is`, {
      mend: 'move it away, or call arbiter hook receive from it',
      place: { file: path },
    });
  }
  await ports.files.replaceFile(path, encodeUtf8(text), { executable: true });
  return true;
}

function unsuitable(message: string, mend: string): Fault<HookFaultCode> {
  return new Fault('HOOK_UNSUITABLE', message, { mend });
}
