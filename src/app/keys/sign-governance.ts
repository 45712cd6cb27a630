import { decodeUtf8, digestBytes, digestText, encodeUtf8 } from '../../core/digest.js';
import type { Ports } from '../../ports/ports.js';
import type { Signer } from '../../ports/signer.js';
import { checkRootSignature, keyringNamespace } from '../verdict/root-signature.js';
import { keyFolder } from './key-folder.js';
import { keysFault } from './keys-fault.js';

/** A file of the work tree that the root alone signs, by its path in the repository. */
export interface GovernedFile {
  readonly path: string;
  readonly text: string;
}

/** What such a file holds. `isSigned` is false for one that we were about to sign when we were stopped. */
export interface GovernedText {
  readonly text: string;
  readonly isSigned: boolean;
}

/**
 * Reads a file that the root signs, null when absent. It must bear the root's signature now, or be one that we were about
 * to sign when we were stopped: to sign what somebody else has changed would launder it.
 * @param root the public key line of the root
 * @throws KEYRING_UNTRUSTED
 */
export async function readGoverned(
  ports: Ports,
  top: string,
  path: string,
  root: Pick<Signer, 'publicKey'>,
): Promise<GovernedText | null> {
  const file = `${top}/${path}`;
  if (!(await ports.files.exists(file))) return null;
  const message = await ports.files.readFile(file);
  const text = decodeUtf8(message);
  if (text === null) throw untrusted(path, 'it is not UTF-8 text');
  const hasSignature = await ports.files.exists(`${file}.sig`);
  const armored = hasSignature ? await ports.files.readFile(`${file}.sig`) : new Uint8Array();
  const nowMs = ports.clock.nowMs();
  const state = checkRootSignature(ports.keyring, { message, armored, nowMs }, root.publicKey);
  if (state.state === 'valid') return { text, isSigned: true };
  if ((await readIntent(ports, top)).includes(digestBytes(message))) return { text, isSigned: false };
  throw untrusted(path, hasSignature ? state.detail : 'it bears no signature');
}

function untrusted(path: string, why: string) {
  return keysFault(
    'KEYRING_UNTRUSTED',
    `${path} is not signed by the root key: ${why}`,
    `read it; when it is what you want, sign it yourself: ssh-keygen -Y sign -f ROOT-KEY -n ${keyringNamespace} ${path}; else: git checkout ${path}`,
    path,
  );
}

/**
 * Writes files into the work tree with the root's signature beside each, for a human to commit. What is about to be signed
 * is noted outside of the repository before, so that a stop half-way is told from a change by somebody else.
 * @returns the paths written
 * @throws WRITE_FAILED
 */
export async function signGoverned(
  ports: Ports,
  top: string,
  root: Signer,
  files: readonly GovernedFile[],
): Promise<string[]> {
  const note = intentPath(ports, top);
  const digests = files.map(({ text }) => `${digestText(text)}\n`);
  await ports.files.replaceFile(note, encodeUtf8(digests.join('')));
  for (const { path, text } of files) {
    const bytes = encodeUtf8(text);
    await ports.files.replaceFile(`${top}/${path}`, bytes);
    const signature = await root.sign(keyringNamespace, bytes);
    await ports.files.replaceFile(`${top}/${path}.sig`, encodeUtf8(signature));
  }
  await ports.files.removeFile(note);
  return files.flatMap(({ path }) => [path, `${path}.sig`]);
}

async function readIntent(ports: Ports, top: string): Promise<readonly string[]> {
  const note = intentPath(ports, top);
  if (!(await ports.files.exists(note))) return [];
  return (decodeUtf8(await ports.files.readFile(note)) ?? '').split('\n').filter((line) => line !== '');
}

function intentPath(ports: Ports, top: string): string {
  return `${keyFolder(ports)}/.signing-${digestText(top).slice(0, 16)}`;
}
