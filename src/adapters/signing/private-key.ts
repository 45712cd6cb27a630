import { Buffer } from 'node:buffer';
import { type KeyObject, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { ed25519Blob } from './public-key.js';
import { WireError, readWire, wireString, wireUint32 } from './wire.js';

const begin = '-----BEGIN OPENSSH PRIVATE KEY-----\n';
const end = '-----END OPENSSH PRIVATE KEY-----';
const magic = 'openssh-key-v1\0';
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const blockSize = 8;

export interface PrivateKey {
  readonly privateKey: KeyObject;
  /** The raw 32 bytes. */
  readonly publicKey: Buffer;
  readonly comment: string;
}

/** The Ed25519 key of a 32-byte seed. */
export function privateKeyOf(seed: Uint8Array, comment: string): PrivateKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-32);
  return { privateKey, publicKey, comment };
}

/** A new seed for `privateKeyOf`. */
export function newSeed(): Buffer {
  return randomBytes(32);
}

/**
 * Reads an unencrypted Ed25519 key in OpenSSH's own format.
 * @throws WireError that says what it is instead
 * @see OpenSSH PROTOCOL.key
 */
export function readPrivateKey(text: string): PrivateKey {
  const normal = text.replaceAll('\r\n', '\n').trimEnd();
  if (!normal.startsWith(begin) || !normal.endsWith(end)) throw new WireError('is not an OpenSSH private key');
  const wire = readWire(Buffer.from(normal.slice(begin.length, -end.length), 'base64'));
  if (wire.take(magic.length).toString('latin1') !== magic) throw new WireError('is not of the format openssh-key-v1');
  const cipher = wire.text();
  const kdf = wire.text();
  wire.string();
  if (cipher !== 'none' || kdf !== 'none') throw new WireError('is encrypted with a passphrase');
  if (wire.uint32() !== 1) throw new WireError('holds more than one key');
  const publicBlob = wire.string();
  const secret = readWire(wire.string());
  wire.end();
  return readSecret(secret, publicBlob);
}

function readSecret(secret: ReturnType<typeof readWire>, publicBlob: Buffer): PrivateKey {
  const firstCheck = secret.uint32();
  if (firstCheck !== secret.uint32()) throw new WireError('is damaged: its check numbers differ');
  const type = secret.text();
  if (type !== 'ssh-ed25519') throw new WireError(`is of type ${type}, and only ssh-ed25519 signs verdicts`);
  const publicKey = secret.string();
  const seedAndPublic = secret.string();
  const comment = secret.string().toString('utf8');
  const padding = secret.rest();
  if (padding.some((byte, index) => byte !== index + 1)) throw new WireError('is damaged: its padding is wrong');
  if (seedAndPublic.length !== 64) throw new WireError('is damaged: its secret is not 64 bytes');
  const key = privateKeyOf(seedAndPublic.subarray(0, 32), comment);
  const agree = [publicKey, seedAndPublic.subarray(32)].every((bytes) => bytes.equals(key.publicKey));
  if (!agree || !publicBlob.equals(ed25519Blob(key.publicKey))) {
    throw new WireError('is damaged: its public half does not belong to its secret half');
  }
  return key;
}

/** The text of an unencrypted OpenSSH private key file, as ssh-keygen reads it. */
export function writePrivateKey(seed: Uint8Array, comment: string): string {
  const { publicKey } = privateKeyOf(seed, comment);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    wireString('ssh-ed25519'),
    wireString(publicKey),
    wireString(Buffer.concat([seed, publicKey])),
    wireString(comment),
  ]);
  const padding = Uint8Array.from({ length: -secret.length & (blockSize - 1) }, (_, index) => index + 1);
  const blob = Buffer.concat([
    Buffer.from(magic, 'latin1'),
    wireString('none'),
    wireString('none'),
    wireString(''),
    wireUint32(1),
    wireString(ed25519Blob(publicKey)),
    wireString(Buffer.concat([secret, padding])),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return `${begin}${lines.join('\n')}\n${end}\n`;
}
