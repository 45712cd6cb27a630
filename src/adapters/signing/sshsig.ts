import { Buffer } from 'node:buffer';
import { type KeyObject, createHash, sign } from 'node:crypto';
import { ed25519Blob } from './public-key.js';
import { WireError, readWire, wireString, wireUint32 } from './wire.js';

const magic = 'SSHSIG';
const version = 1;
const begin = '-----BEGIN SSH SIGNATURE-----';
const end = '-----END SSH SIGNATURE-----';

/** An SSHSIG as it stands in its armor, not yet believed. */
export interface Sshsig {
  readonly publicKey: Buffer;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  readonly signature: Buffer;
}

/** The bytes that an SSHSIG really signs. @see OpenSSH PROTOCOL.sshsig §3 */
export function signedData(namespace: string, hash: Sshsig['hash'], message: Uint8Array): Buffer {
  const digest = createHash(hash).update(message).digest();
  return Buffer.concat([
    Buffer.from(magic),
    wireString(namespace),
    wireString(''),
    wireString(hash),
    wireString(digest),
  ]);
}

/** Whether bytes begin as those that an SSHSIG signs: no raw signature may be made over such. */
export function beginsAsSshsig(message: Uint8Array): boolean {
  return Buffer.from(message.subarray(0, magic.length)).toString('latin1') === magic;
}

/** An armored SSHSIG (sha512) over `message` by an Ed25519 key; the same inputs give the same text. */
export function signSshsig(
  key: { readonly privateKey: KeyObject; readonly publicKey: Uint8Array },
  namespace: string,
  message: Uint8Array,
): string {
  const raw = sign(null, signedData(namespace, 'sha512', message), key.privateKey);
  const blob = Buffer.concat([
    Buffer.from(magic),
    wireUint32(version),
    wireString(ed25519Blob(key.publicKey)),
    wireString(namespace),
    wireString(''),
    wireString('sha512'),
    wireString(Buffer.concat([wireString('ssh-ed25519'), wireString(raw)])),
  ]);
  return armor(blob);
}

/**
 * Reads one armored SSHSIG. Only the form that ssh-keygen writes is taken (lines of 70, one final newline, no rest),
 * so that there is one text for one signature and every changed byte is seen.
 * @throws WireError
 */
export function readSshsig(armored: string): Sshsig {
  const body = armored.slice(begin.length, armored.lastIndexOf(end));
  const blob = Buffer.from(body, 'base64');
  if (armor(blob) !== armored) throw new WireError('is not an SSH signature as ssh-keygen writes it');
  const wire = readWire(blob);
  if (wire.take(magic.length).toString('latin1') !== magic) throw new WireError('does not begin with SSHSIG');
  if (wire.uint32() !== version) throw new WireError('is of an unknown version');
  const publicKey = wire.string();
  const namespace = wire.string().toString('utf8');
  if (wire.string().length > 0) throw new WireError('uses the reserved field');
  const hash = wire.text();
  if (hash !== 'sha256' && hash !== 'sha512') throw new WireError('uses a hash that is neither sha256 nor sha512');
  const signature = wire.string();
  wire.end();
  return { publicKey, namespace, hash, signature };
}

/** The armored signatures of a `.sig` file that holds several, one after the other; a file of one gives one. */
export function splitSignatures(text: string): string[] {
  return text.split(/(?=^-----BEGIN SSH SIGNATURE-----$)/m);
}

function armor(blob: Uint8Array): string {
  const lines =
    Buffer.from(blob)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return `${[begin, ...lines, end].join('\n')}\n`;
}
