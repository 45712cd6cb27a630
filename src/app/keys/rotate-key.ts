import { z } from 'zod';
import { keyOf, rotateSigner } from '../../core/caws/keys/edit-signers.js';
import { type KeyRole, keyOwnerSchema, keyRoleSchema, nameKey, retiredSuffix } from '../../core/caws/keys/key-role.js';
import { isFault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Signer } from '../../ports/signer.js';
import type { Operation } from '../operation.js';
import { useRepository } from '../use-repository.js';
import { allowedSignersPath } from '../verdict/load-keyring.js';
import { keyFolder, readKeyFolder, refuseSharing, titleOf } from './key-folder.js';
import { keysFault } from './keys-fault.js';
import { loadRoot } from './load-root.js';
import { loadRoleKey } from './load-role-key.js';
import { readGoverned, signGoverned } from './sign-governance.js';

const inputSchema = z.strictObject({
  repository: z.string().min(1),
  role: keyRoleSchema,
  name: keyOwnerSchema.optional().describe('Whose waiver key it is.'),
  rootKey: z.string().min(1).optional().describe('Where the root key is, when it is kept elsewhere.'),
});
export type KeysRotateInput = z.infer<typeof inputSchema>;

const outputSchema = z
  .strictObject({
    role: keyRoleSchema,
    owner: z.string().nullable(),
    retiredKeyId: z.string(),
    retiredFile: z.string(),
    keyId: z.string(),
    file: z.string(),
    written: z.array(z.string()).describe('Files of the work tree for a human to commit.'),
    next: z.array(z.string()),
  })
  .meta({ id: 'KeyRotated' });
export type KeysRotateOutput = z.infer<typeof outputSchema>;

/**
 * Gives a role a new key: the old line in the keyring ends now and the new one begins, and the old private key is kept
 * under another name. Stopped at any step and run again, it finishes the same rotation with the same key.
 * @throws ROOT_ROTATES_BY_HAND, KEY_NAME_WANTED, KEY_MISSING, KEY_UNKNOWN, KEY_SHARED, KEYRING_UNTRUSTED
 */
export const keysRotate: Operation<KeysRotateInput, KeysRotateOutput> = {
  name: 'keys rotate',
  summary: 'give a role a new key, and end the period of the old one',
  role: 'human',
  input: inputSchema,
  output: outputSchema,
  run: (ports, input, { signal }) =>
    useRepository(ports, input.repository, signal, async (git) => {
      const holder = holderOf(input);
      const root = await loadRoot(ports, git, input.rootKey);
      const old = (await loadRoleKey(ports, holder, git.root)).signer;
      const path = `${keyFolder(ports)}/${nameKey(holder.role, holder.owner)}`;
      const retired = `${path}${retiredSuffix(old.keyId)}`;
      const there = await readGoverned(ports, git.root, allowedSignersPath, root);
      if (there === null || !there.text.includes(keyOf(old.publicKey))) throw notInKeyring(holder, old.keyId);
      const next = await makeNext(ports, git, `${path}.next`, holder);
      const text = rotateSigner(there.text, keyOf(old.publicKey), next.publicKey, ports.clock.nowMs());
      if (text === null) throw notInKeyring(holder, old.keyId);
      const written = await signGoverned(ports, git.root, root, [{ path: allowedSignersPath, text }]);
      await ports.keyring.replaceKey(path, { next: `${path}.next`, retired });
      return {
        ...holder,
        retiredKeyId: old.keyId,
        retiredFile: retired,
        keyId: next.keyId,
        file: path,
        written,
        next: [
          'read and commit .caws/keys: the new key counts from that commit on',
          'in each other repository that this key signs for: arbiter keys init, and commit .caws/keys',
        ],
      };
    }),
};

function holderOf({ role, name }: KeysRotateInput): { readonly role: KeyRole; readonly owner: string | null } {
  if (role === 'root') {
    throw keysFault(
      'ROOT_ROTATES_BY_HAND',
      'the root key is the one thing that everybody has pinned, and no command may replace it',
      'make a new root with ssh-keygen -t ed25519 -N "", sign .caws/keys/allowed_signers (and revoked.yaml) with it in namespace caws-keyring, commit, tell everybody its fingerprint, and have each remove the old pin by hand and run arbiter init again (docs/keys.md)',
    );
  }
  if (role === 'waiver' && name === undefined) {
    throw keysFault(
      'KEY_NAME_WANTED',
      'each human has a waiver key, and no name is given',
      'say whose it is: --name ada@example.org',
    );
  }
  return { role, owner: role === 'waiver' ? (name ?? null) : null };
}

/** The key of a rotation that was begun before, or a new one. */
async function makeNext(
  ports: Ports,
  git: GitSession,
  path: string,
  { role, owner }: { readonly role: KeyRole; readonly owner: string | null },
): Promise<Signer> {
  const signer = await ports.keyring
    .createKey(path, `arbiter-${nameKey(role, owner)}`, git.root)
    .catch(async (error: unknown) => {
      if (!isFault(error, 'KEY_EXISTS')) throw error;
      return (await ports.keyring.loadSigner(path, git.root)).signer;
    });
  refuseSharing(await readKeyFolder(ports, keyFolder(ports), git.root));
  return signer;
}

function notInKeyring(holder: { readonly role: KeyRole; readonly owner: string | null }, keyId: string) {
  return keysFault(
    'KEY_UNKNOWN',
    `the ${titleOf(holder)} key ${keyId} is not in ${allowedSignersPath}`,
    'run `arbiter keys init` here first: it lets the key in',
    allowedSignersPath,
  );
}
