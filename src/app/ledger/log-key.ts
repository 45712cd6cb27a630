import { type Checkpoint, renderCheckpoint, signCheckpoint } from '../../core/ledger/checkpoint.js';
import { type NoteKey, noteKinds, parseNoteKey, renderNote, renderNoteKey } from '../../core/ledger/note.js';
import { decodeUtf8 } from '../../core/digest.js';
import { Fault, isFault } from '../../core/fault.js';
import type { Ports } from '../../ports/ports.js';

export type LogKeyFaultCode = 'LOG_KEY_INVALID';

type KeyPorts = Pick<Ports, 'files' | 'noteKeys' | 'places'>;

/** A state of the log with the log key's signature, and the line that others check it by. */
export interface SignedHead {
  readonly note: string;
  readonly key: string;
}

/** Signs a state of the log. @throws KEY_MISSING, KEY_UNREADABLE, KEY_EXPOSED */
export async function signHead({ noteKeys, places }: KeyPorts, head: Checkpoint): Promise<SignedHead> {
  const signer = await noteKeys.loadSigner(logKeyPath(places));
  const key: NoteKey = { name: head.origin, kind: noteKinds.ed25519, publicKey: signer.publicKey };
  const signature = signCheckpoint(head, key, (message) => signer.sign(message));
  return { note: renderNote({ text: renderCheckpoint(head), signatures: [signature] }), key: renderNoteKey(key) };
}

/** The same, or null where this machine has no log key. @throws KEY_UNREADABLE, KEY_EXPOSED */
export async function signHeadIfAble(ports: KeyPorts, head: Checkpoint): Promise<SignedHead | null> {
  try {
    return await signHead(ports, head);
  } catch (error) {
    if (isFault(error, 'KEY_MISSING')) return null;
    throw error;
  }
}

/**
 * The key that a log's checkpoints are checked by: the one that was named (the line itself, or a file that holds it), else
 * this machine's log key under the log's name; null where there is none.
 * @throws LOG_KEY_INVALID, FILE_MISSING, FILE_UNREADABLE, KEY_UNREADABLE
 */
export async function findLogKey(ports: KeyPorts, origin: string, named: string | undefined): Promise<NoteKey | null> {
  if (named !== undefined) return readNamedKey(ports, named);
  const publicKey = await ports.noteKeys.readPublicKey(`${logKeyPath(ports.places)}.pub`);
  return publicKey === null ? null : { name: origin, kind: noteKinds.ed25519, publicKey };
}

/** The key of a witness: the line itself, or a file that holds it. @throws LOG_KEY_INVALID, FILE_MISSING */
export async function readWitnessKey(ports: Pick<Ports, 'files'>, named: string): Promise<NoteKey> {
  const key = await readNoteKey(ports, named);
  if (key?.kind === noteKinds.cosignature) return key;
  throw new Fault<LogKeyFaultCode>('LOG_KEY_INVALID', `${named} is not the key of a witness`, {
    mend: 'give the line NAME+HASH+KEY that arbiter ledger witness prints as witness_key, or a file that holds it',
  });
}

async function readNamedKey(ports: Pick<Ports, 'files'>, named: string): Promise<NoteKey> {
  const key = await readNoteKey(ports, named);
  if (key?.kind === noteKinds.ed25519) return key;
  throw new Fault<LogKeyFaultCode>('LOG_KEY_INVALID', `${named} is not the key of a log`, {
    mend: 'give the line NAME+HASH+KEY that arbiter ledger show prints where the log is, or a file that holds it',
  });
}

async function readNoteKey({ files }: Pick<Ports, 'files'>, named: string): Promise<NoteKey | null> {
  const isLine = /^[^\s+/]+(?:\/[^\s+]+)?\+[0-9a-f]{8}\+/.test(named);
  return parseNoteKey(isLine ? named : (decodeUtf8(await files.readFile(named, { maxBytes: 4096 })) ?? ''));
}

/** Where this machine keeps the key of its log. */
function logKeyPath({ configHome }: Ports['places']): string {
  return `${configHome}/keys/log`;
}
