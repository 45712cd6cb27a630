import { z } from 'zod';
import { addSigner, endSigner, keyOf } from '../../core/caws/keys/edit-signers.js';
import { type KeyRole, keyOwnerSchema, keyRoleSchema, signerOfRole } from '../../core/caws/keys/key-role.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Signer } from '../../ports/signer.js';
import { type EstablishedKey, establishKey, hasCommit, pinRoot, signersHeader } from '../init/establish-keys.js';
import type { Operation } from '../operation.js';
import { useRepository } from '../use-repository.js';
import { allowedSignersPath } from '../verdict/load-keyring.js';
import { keyFolder, readKeyFolder, refuseSharing } from './key-folder.js';
import { keysFault } from './keys-fault.js';
import { loadRoleKey } from './load-role-key.js';
import { readGoverned, signGoverned } from './sign-governance.js';

const usualRoles: readonly KeyRole[] = ['root', 'verdict', 'log', 'publish'];

const inputSchema = z.strictObject({
  repository: z.string().min(1),
  roles: z.array(keyRoleSchema).optional().describe('Default: root, verdict, log, publish.'),
  name: keyOwnerSchema.optional().describe('Whose waiver key it is.'),
  rootKey: z.string().min(1).optional().describe('Where the root key is, when it is kept elsewhere.'),
});
export type KeysInitInput = z.infer<typeof inputSchema>;

const outputSchema = z
  .strictObject({
    keys: z.array(
      z.strictObject({
        role: keyRoleSchema,
        owner: z.string().nullable(),
        keyId: z.string(),
        file: z.string(),
        made: z.boolean().describe('False for a key that was there.'),
      }),
    ),
    written: z.array(z.string()).describe('Files of the work tree for a human to commit.'),
    notes: z.array(z.string()),
  })
  .meta({ id: 'KeysMade' });
export type KeysInitOutput = z.infer<typeof outputSchema>;

/**
 * Makes the keys that are missing, lets each into the keyring of the work tree, and signs that with the root. Never
 * overwrites a key. @throws KEY_SHARED, KEY_NAME_WANTED, KEYRING_UNTRUSTED, KEY_INSIDE_REPOSITORY, KEY_WITHIN_SANDBOX
 */
export const keysInit: Operation<KeysInitInput, KeysInitOutput> = {
  name: 'keys init',
  summary: 'make the keys that are missing, outside the repository, one a role',
  role: 'human',
  input: inputSchema,
  output: outputSchema,
  run: (ports, input, { signal }) =>
    useRepository(ports, input.repository, signal, async (git) => {
      const wanted = wantedKeys(input);
      await refuseSecondRoot(ports, git, input.rootKey);
      const root = await establishRoot(ports, git, input.rootKey);
      const established: (EstablishedKey & { readonly role: KeyRole; readonly owner: string | null })[] = [];
      for (const key of wanted) {
        if (key.role === 'root') established.push({ ...root, ...key });
        else established.push({ ...(await establishKey(ports, keyFolder(ports), git.root, key)), ...key });
      }
      refuseSharing(await readKeyFolder(ports, keyFolder(ports), git.root));
      const notes = await pinRoot(ports, git, root.signer);
      const written = await letIn(ports, git.root, root.signer, established);
      return {
        keys: established.map(({ role, owner, signer, path, isNew }) => {
          return { role, owner, keyId: signer.keyId, file: path, made: isNew };
        }),
        written,
        notes: [
          ...notes,
          ...(written.length === 0 ? [] : ['read and commit .caws/keys: keys count from that commit on']),
        ],
      };
    }),
};

function wantedKeys({ roles, name }: KeysInitInput): { readonly role: KeyRole; readonly owner: string | null }[] {
  const asked = roles ?? (name === undefined ? usualRoles : [...usualRoles, 'waiver' as const]);
  if (asked.includes('waiver') && name === undefined) {
    throw keysFault(
      'KEY_NAME_WANTED',
      'a waiver key is one human’s, and no name is given',
      'say whose it is: --name ada@example.org',
    );
  }
  return [...new Set(asked)].map((role) => ({ role, owner: role === 'waiver' ? (name ?? null) : null }));
}

/** A root that is pinned is not replaced because its file is kept elsewhere. */
async function refuseSecondRoot(ports: Ports, git: GitSession, rootKey: string | undefined): Promise<void> {
  const isHere = await ports.files.exists(`${keyFolder(ports)}/root`);
  if (rootKey !== undefined || isHere || !(await hasCommit(git))) return;
  const pinned = await ports.keyring.readPinnedRoot(await git.repositoryId());
  if (pinned === null) return;
  throw keysFault(
    'KEYRING_UNTRUSTED',
    `the root key ${pinned.keyId} is pinned for this repository, and is not in ${keyFolder(ports)}`,
    'name the file where it is kept with --root-key FILE',
  );
}

async function establishRoot(ports: Ports, git: GitSession, path: string | undefined): Promise<EstablishedKey> {
  if (path === undefined) return establishKey(ports, keyFolder(ports), git.root, { role: 'root', owner: null });
  return { signer: (await loadRoleKey(ports, { role: 'root', path }, git.root)).signer, path, isNew: false };
}

/** Adds the lines that are missing, and ends those of keys that were retired, as by a rotation in another repository. */
async function letIn(
  ports: Ports,
  top: string,
  root: Signer,
  keys: readonly (EstablishedKey & { readonly role: KeyRole; readonly owner: string | null })[],
): Promise<string[]> {
  const there = await readGoverned(ports, top, allowedSignersPath, root);
  let text = there?.text ?? signersHeader;
  for (const { role, owner, signer } of keys) {
    const line = signerOfRole(role, owner);
    if (line !== null) text = addSigner(text, { ...line, publicKey: signer.publicKey });
  }
  for (const { stage, inspection } of await readKeyFolder(ports, keyFolder(ports), top)) {
    if (stage !== 'retired') continue;
    for (const { publicKey } of inspection.publicKeys) text = endSigner(text, keyOf(publicKey), ports.clock.nowMs());
  }
  if (there?.isSigned === true && there.text === text) return [];
  return signGoverned(ports, top, root, [{ path: allowedSignersPath, text }]);
}
