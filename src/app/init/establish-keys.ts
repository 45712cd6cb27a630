import { encodeUtf8 } from '../../core/digest.js';
import { type KeyRole, nameKey, signerOfRole } from '../../core/caws/keys/key-role.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { Signer } from '../../ports/signer.js';
import { readKeyFolder, refuseSharing } from '../keys/key-folder.js';
import { keyringNamespace } from '../verdict/root-signature.js';

/** Where keys live, and whether each was made now or found. */
export interface EstablishedKeys {
  readonly root: Signer;
  readonly verdict: Signer;
  /** Signs states of the log. */
  readonly log: Signer;
  /** Signs commits that are published and the record of their verdicts. */
  readonly publish: Signer;
  readonly made: readonly string[];
  readonly found: readonly string[];
}

/** The key of a role, and whether it was made now. */
export interface EstablishedKey {
  readonly signer: Signer;
  readonly path: string;
  readonly isNew: boolean;
}

/**
 * Loads or makes the keys of root, verdict, log and publication in a folder outside the repository.
 * @throws KEY_INSIDE_REPOSITORY, KEY_EXPOSED, KEY_UNREADABLE, KEY_WITHIN_SANDBOX, KEY_SHARED
 */
export async function establishKeys(ports: Ports, directory: string, repositoryRoot: string): Promise<EstablishedKeys> {
  const establish = (role: KeyRole): Promise<EstablishedKey> =>
    establishKey(ports, directory, repositoryRoot, { role, owner: null });
  const root = await establish('root');
  const verdict = await establish('verdict');
  const log = await establish('log');
  const publish = await establish('publish');
  refuseSharing(await readKeyFolder(ports, directory, repositoryRoot));
  const pathsOf = (isNew: boolean): string[] =>
    [root, verdict, log, publish].filter((key) => key.isNew === isNew).map(({ path }) => path);
  return {
    root: root.signer,
    verdict: verdict.signer,
    log: log.signer,
    publish: publish.signer,
    made: pathsOf(true),
    found: pathsOf(false),
  };
}

/**
 * Loads the key of a role in a folder, or makes it there. @throws KEY_INSIDE_REPOSITORY, KEY_EXPOSED, KEY_UNREADABLE,
 * KEY_WITHIN_SANDBOX
 */
export async function establishKey(
  ports: Ports,
  directory: string,
  repositoryRoot: string,
  { role, owner }: { readonly role: KeyRole; readonly owner: string | null },
): Promise<EstablishedKey> {
  const name = nameKey(role, owner);
  const path = `${directory}/${name}`;
  if (await ports.files.exists(path)) {
    return { signer: (await ports.keyring.loadSigner(path, repositoryRoot)).signer, path, isNew: false };
  }
  return { signer: await ports.keyring.createKey(path, `arbiter-${name}`, repositoryRoot), path, isNew: true };
}

/** How every keyring of ours begins. */
export const signersHeader = `# Who may sign what here. Changed by humans only; allowed_signers.sig is the root key's signature over these bytes.
# An approver of waivers:  ada@example.org namespaces="caws-waiver,caws-review" ssh-ed25519 AAAA…
`;

/** The keyring of a repository: who signs verdicts, states of the log, and commits. Humans add lines for people. */
export function renderAllowedSigners(keys: Pick<EstablishedKeys, 'verdict' | 'log' | 'publish'>): string {
  const lines = (['verdict', 'log', 'publish'] as const).map((role) => {
    const line = signerOfRole(role, null);
    return `${line?.principal ?? ''} namespaces="${line?.namespaces.join(',') ?? ''}" ${keys[role].publicKey}\n`;
  });
  return `${signersHeader}${lines.join('')}`;
}

/** The root key's signature over the keyring, in namespace `caws-keyring`. */
export function signKeyring(root: Signer, keyring: string): Promise<string> {
  return root.sign(keyringNamespace, encodeUtf8(keyring));
}

/**
 * Pins the root outside the repository; a repository without a commit has no identity yet, which is said.
 * @throws PINNED_ROOT_DIFFERS, PINNED_ROOT_UNREADABLE
 */
export async function pinRoot(
  ports: Ports,
  git: GitSession,
  root: { readonly keyId: string; readonly publicKey: string },
): Promise<string[]> {
  if (!(await hasCommit(git)))
    return ['the repository has no commit yet: run arbiter init again after the first one, to pin the root key'];
  await ports.keyring.pinRoot(await git.repositoryId(), { keyId: root.keyId, publicKey: root.publicKey });
  return [];
}

/** Whether HEAD is a commit. */
export function hasCommit(git: GitSession): Promise<boolean> {
  return git.resolveCommit('HEAD').then(
    () => true,
    () => false,
  );
}
