import { decodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import type { GitSession } from '../../ports/git.js';
import type { Ports } from '../../ports/ports.js';
import type { WaiverFaultCode } from './waiver-law.js';

export const waiverNamespace = 'caws-waiver';

/** Where an approver's signature comes from: a file that ssh-keygen wrote, or a key that signs now. One of the two. */
export interface SignatureSource {
  readonly signature?: string | undefined;
  readonly key?: string | undefined;
}

const maxSignatureBytes = 64 * 1024;

/**
 * The armored signature of an approver over a message. That it holds is not checked here.
 * @throws WAIVER_SIGNATURE_UNREADABLE, FILE_MISSING, KEY_MISSING, KEY_UNREADABLE, KEY_EXPOSED, KEY_INSIDE_REPOSITORY
 */
export async function takeSignature(
  ports: Ports,
  git: GitSession,
  { signature, key }: SignatureSource,
  message: Uint8Array,
): Promise<string> {
  if ((signature === undefined) === (key === undefined)) {
    throw unreadable('name one of --signature FILE and --key FILE', 'ssh-keygen -Y sign writes the first one');
  }
  if (key !== undefined) {
    const { signer } = await ports.keyring.loadSigner(key, git.root);
    return signer.sign(waiverNamespace, message);
  }
  const path = signature ?? '';
  return readArmored(path, await ports.files.readFile(path, { maxBytes: maxSignatureBytes }), ports);
}

// A file that went through an editor or a mail is named as what it is, rather than as a signature that does not hold.
function readArmored(path: string, bytes: Uint8Array, { keyring }: Pick<Ports, 'keyring'>): string {
  const text = decodeUtf8(bytes);
  const again = 'copy the .sig file as ssh-keygen wrote it, or sign again';
  if (text === null) throw unreadable(`${path} is not text`, again);
  if (text.startsWith('\uFEFF')) throw unreadable(`${path} begins with a byte order mark`, again);
  if (text.includes('\r')) throw unreadable(`${path} has Windows line ends (CRLF)`, again);
  if (keyring.splitSignatures(text).length > 1) {
    throw unreadable(`${path} holds more than one signature`, 'hand them in one after the other');
  }
  return text;
}

function unreadable(message: string, mend: string): Fault<WaiverFaultCode> {
  return new Fault('WAIVER_SIGNATURE_UNREADABLE', message, { mend });
}
