import { sign } from 'node:crypto';
import { Fault } from '../../core/fault.js';
import type { Keyring } from '../../ports/keyring.js';
import type { Signer } from '../../ports/signer.js';
import { ownerOf, readKeyFile, unreadable, writeKeyFiles } from './key-file.js';
import { readPin, writePin } from './pinned-root.js';
import { type PrivateKey, newSeed, privateKeyOf, readPrivateKey, writePrivateKey } from './private-key.js';
import { checkRawEd25519, ed25519Blob, fingerprint } from './public-key.js';
import { beginsAsSshsig, signSshsig, splitSignatures } from './sshsig.js';
import { verifySignature } from './verify-signature.js';
import { WireError } from './wire.js';

/**
 * Keys as OpenSSH keeps them, with node:crypto alone: no ssh program is run.
 * @param options.trustDirectory where roots are pinned; must lie outside of every repository, such as
 * `$XDG_CONFIG_HOME/arbiter/trust`
 */
export function createKeyring(options: { readonly trustDirectory: string }): Keyring {
  return {
    async loadSigner(path, repositoryRoot) {
      const file = await readKeyFile(path, repositoryRoot);
      const key = parseKey(path, file.text);
      const treeUid = repositoryRoot === null ? null : await ownerOf(repositoryRoot);
      return { signer: signerOf(key), custody: { keyUid: file.uid, keyMode: file.mode, treeUid } };
    },
    async createKey(path, comment, repositoryRoot) {
      const seed = newSeed();
      const signer = signerOf(privateKeyOf(seed, comment));
      const texts = { secret: writePrivateKey(seed, comment), open: `${signer.publicKey} ${comment}\n` };
      await writeKeyFiles(path, repositoryRoot, texts);
      return signer;
    },
    verify: verifySignature,
    checkEd25519: checkRawEd25519,
    splitSignatures,
    readPinnedRoot: (repositoryId) => readPin(options.trustDirectory, repositoryId),
    pinRoot: (repositoryId, root) => writePin(options.trustDirectory, repositoryId, root),
  };
}

function parseKey(path: string, text: string): PrivateKey {
  try {
    return readPrivateKey(text);
  } catch (cause) {
    throw cause instanceof WireError ? unreadable(path, cause.message, cause) : cause;
  }
}

function signerOf(key: PrivateKey): Signer {
  const blob = ed25519Blob(key.publicKey);
  return {
    keyId: fingerprint(blob),
    publicKey: `ssh-ed25519 ${blob.toString('base64')}`,
    publicKeyRaw: new Uint8Array(key.publicKey),
    sign: async (namespace, message) => {
      if (namespace === '') {
        throw new Fault('SIGNATURE_INVALID', 'a signature needs a namespace', {
          mend: 'pass one, such as caws-verdict',
        });
      }
      return signSshsig(key, namespace, message);
    },
    signRaw: async (message) => {
      if (beginsAsSshsig(message)) {
        throw new Fault('SIGNATURE_INVALID', 'a raw signature over the bytes of an SSHSIG would be that SSHSIG', {
          mend: 'sign the message in its namespace instead',
        });
      }
      return new Uint8Array(sign(null, message, key.privateKey));
    },
  };
}
