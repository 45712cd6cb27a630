import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assembleVerdict } from '../../src/core/caws/verdict/assemble-verdict.js';
import { facts } from '../../src/core/caws/verdict/fixtures/matter.js';
import type { VerdictVerification } from '../../src/core/caws/verdict/verification.js';
import type { Signer } from '../../src/ports/signer.js';
import { recordVerdict } from '../../src/app/verdict/record-verdict.js';
import { verifyVerdict } from '../../src/app/verdict/verify-verdict.js';
import { findRepository, loadWorkTreeKeyring } from '../../src/app/verdict/work-tree-keyring.js';
import { type World, createWorld, governed } from '../e2e/world.js';

/** A governed repository with keys of every usual role, and verdicts made and checked in it. */
export interface KeysGround {
  readonly world: World;
  readonly directory: string;
  readonly folder: string;
  readonly input: { readonly repository: string };
  signer(role: string): Promise<Signer>;
  /** A verdict that is good in itself, signed by whoever; answers its file. */
  sign(by: Signer): Promise<string>;
  verify(file: string, ledgerIndex?: number): Promise<VerdictVerification>;
  /** What the signature or the keyring is refused for; empty when the verdict is verified. */
  refusal(file: string, ledgerIndex?: number): Promise<string>;
  keysFile(name: string): string;
  restore(): void;
}

export async function keysGround(): Promise<KeysGround> {
  const world = createWorld();
  const { directory } = await governed(world);
  const folder = join(world.home, '.config/arbiter/keys');
  let count = 0;
  const verify: KeysGround['verify'] = async (file, ledgerIndex) => {
    const nowMs = world.ports.clock.nowMs();
    const here = await findRepository(world.ports, directory, world.context.signal);
    const keyring = await loadWorkTreeKeyring(world.ports, here, nowMs);
    const asked = { file, keyring, keyringSource: 'the work tree', repositoryId: here?.id ?? null, nowMs };
    return verifyVerdict({ ...asked, ...(ledgerIndex === undefined ? {} : { ledgerIndex }) }, world.ports);
  };
  return {
    world,
    directory,
    folder,
    input: { repository: directory },
    signer: async (role) => (await world.ports.keyring.loadSigner(join(folder, role), directory)).signer,
    async sign(by) {
      const here = await findRepository(world.ports, directory, world.context.signal);
      const nonceBytes = new Uint8Array(16).fill((count += 1));
      const verdict = assembleVerdict(facts({ repositoryId: here?.id ?? '', nonceBytes }));
      const outDir = join(world.home, `verdict-${count}`);
      return (await recordVerdict({ verdict, signer: by, outDir }, world.ports.files)).verdictPath;
    },
    verify,
    async refusal(file, ledgerIndex) {
      const { checks } = await verify(file, ledgerIndex);
      return checks.flatMap(({ passed, detail }) => (passed ? [] : [detail])).join('\n');
    },
    keysFile: (name) => readFileSync(join(directory, '.caws/keys', name), 'utf8'),
    restore: () => void execFileSync('git', ['-C', directory, 'checkout', '-q', '.caws/keys']),
  };
}
