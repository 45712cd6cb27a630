import { decodeUtf8 } from '../../core/digest.js';
import { Fault } from '../../core/fault.js';
import type { Ports } from '../../ports/ports.js';

export type RootKeyFaultCode = 'ROOT_KEY_INVALID';

/**
 * The public line of a root key from a file such as `root.pub`; undefined where none is named, and the pinned root
 * counts. @throws FILE_MISSING, FILE_UNREADABLE, ROOT_KEY_INVALID
 */
export async function readRootKey(ports: Ports, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = decodeUtf8(await ports.files.readFile(file, { maxBytes: 65_536 })) ?? '';
  const [, line] = /^(ssh-ed25519 [A-Za-z0-9+/]+={0,2})(?: [^\n]*)?\s*$/.exec(text) ?? [];
  if (line !== undefined) return line;
  throw new Fault<RootKeyFaultCode>('ROOT_KEY_INVALID', `${file} is not the public half of an Ed25519 key`, {
    mend: 'name the .pub file of the root key, a line that begins with ssh-ed25519',
    place: { file },
  });
}
