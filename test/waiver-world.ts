import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signKeyring } from '../src/app/init/establish-keys.js';
import type { ScratchRepository } from '../src/ports/scratch.js';
import { type World, governed, quickConfig } from './e2e/world.js';

/** True when a real ssh-keygen is here: people sign with it, so the waivers of these tests are signed by it. */
export const hasSshKeygen =
  (spawnSync('ssh-keygen', ['-?'], { stdio: 'ignore' }).error as { code?: string } | undefined)?.code !== 'ENOENT';

export interface People {
  /** Path of a person's private key. */
  key(name: string): string;
  /** Signs a text as `ssh-keygen -Y sign` does; answers the path of the `.sig` file. */
  sign(name: string, text: string, namespace?: string): string;
}

/** People with keys of their own, made by ssh-keygen. */
export function createPeople(home: string, names: readonly string[]): People {
  const folder = mkdtempSync(join(home, 'people-'));
  for (const name of names) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
  }
  return {
    key: (name) => join(folder, name),
    sign(name, text, namespace = 'caws-waiver') {
      const file = join(mkdtempSync(join(folder, 'sign-')), 'waiver.yaml');
      writeFileSync(file, text);
      execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', join(folder, name), '-n', namespace, file], {
        stdio: ['ignore', 'ignore', 'ignore'],
      });
      return `${file}.sig`;
    },
  };
}

/**
 * A governed repository whose base lists ada, carol and bob as approvers; grace has a key for waivers and is none, and
 * mallory's key is in nobody's list.
 */
export async function governedWithApprovers(
  world: World,
  people: People,
  more: { readonly policy?: (text: string) => string; readonly config?: string } = {},
): Promise<ScratchRepository & { readonly base: string }> {
  const repository = await governed(world, { '.caws/arbiter.yaml': more.config ?? quickConfig });
  const read = (path: string): string => readFileSync(join(repository.directory, path), 'utf8');
  const { signer: root } = await world.ports.keyring.loadSigner(join(world.home, '.config/arbiter/keys/root'), null);
  const lineOf = (name: string): string =>
    `${name}@example.org namespaces="caws-waiver" ${readFileSync(`${people.key(name)}.pub`, 'utf8')}`;
  const keyring = `${read('.caws/keys/allowed_signers')}${['ada', 'carol', 'bob', 'grace'].map(lineOf).join('')}`;
  const approvers = ['ada@example.org', 'carol@example.org', 'bob@example.org'];
  const base = await repository.commit('approvers', {
    '.caws/keys/allowed_signers': keyring,
    '.caws/keys/allowed_signers.sig': await signKeyring(root, keyring),
    '.caws/arbiter.yaml': `${read('.caws/arbiter.yaml')}approvers: ${JSON.stringify(approvers)}\n`,
    '.caws/policy.yaml': (more.policy ?? ((text) => text))(read('.caws/policy.yaml')),
  });
  return { ...repository, base };
}
