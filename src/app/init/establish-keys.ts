import { encodeUtf8 } from '../../core/digest.js';
import type { Ports } from '../../ports/ports.js';
import type { Signer } from '../../ports/signer.js';

/** Where keys live, and whether each was made now or found. */
export interface EstablishedKeys {
  readonly root: Signer;
  readonly verdict: Signer;
  readonly made: readonly string[];
  readonly found: readonly string[];
}

/**
 * Loads or makes the root key, the verdict key and the key of the log in a folder outside the repository.
 * @throws KEY_INSIDE_REPOSITORY, KEY_EXPOSED, KEY_UNREADABLE
 */
export async function establishKeys(ports: Ports, directory: string, repositoryRoot: string): Promise<EstablishedKeys> {
  const made: string[] = [];
  const found: string[] = [];
  const establish = async (role: string): Promise<Signer> => {
    const path = `${directory}/${role}`;
    if (await ports.files.exists(path)) {
      found.push(path);
      return (await ports.keyring.loadSigner(path, repositoryRoot)).signer;
    }
    const signer = await ports.keyring.createKey(path, `arbiter-${role}`, repositoryRoot);
    made.push(path);
    return signer;
  };
  const [root, verdict] = [await establish('root'), await establish('verdict')];
  await establish('log');
  return { root, verdict, made, found };
}

/** The keyring of a repository: who signs verdicts. Humans add lines for approvers and reviewers. */
export function renderAllowedSigners(verdict: Signer): string {
  return `# Who may sign what here. Changed by humans only; allowed_signers.sig is the root key's signature over these bytes.
# An approver of waivers:  ada@example.org namespaces="caws-waiver,caws-review" ssh-ed25519 AAAA…
arbiter namespaces="caws-verdict" ${verdict.publicKey}
`;
}

/** The root key's signature over the keyring, in namespace `caws-keyring`. */
export function signKeyring(root: Signer, keyring: string): Promise<string> {
  return root.sign('caws-keyring', encodeUtf8(keyring));
}
