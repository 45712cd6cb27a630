import { Buffer } from 'node:buffer';
import { type KeyObject, createHash, createPublicKey, verify } from 'node:crypto';
import { WireError, readWire, wireString } from './wire.js';

const ed25519SpkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const userPresent = 0x01;
const minRsaBits = 2048;

type VerifyArguments = [
  string | null,
  Uint8Array,
  KeyObject | { key: KeyObject; dsaEncoding: 'ieee-p1363' },
  Uint8Array,
];

/** A public key that can check signatures of its own kind. */
export interface PublicKey {
  readonly type: string;
  /** `signature` is the SSH signature blob: type, then the type's own fields. @throws WireError */
  check(message: Uint8Array, signature: Uint8Array): boolean;
}

/** `SHA256:…` of a public key's blob, as ssh-keygen -l prints it. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** SSH's blob of a raw 32-byte Ed25519 public key. */
export function ed25519Blob(raw: Uint8Array): Buffer {
  return Buffer.concat([wireString('ssh-ed25519'), wireString(raw)]);
}

/**
 * Reads a public key's blob: Ed25519, RSA of 2048 bits or more, ECDSA P-256, and Ed25519 or P-256 in a security key.
 * @throws WireError
 */
export function readPublicKey(blob: Uint8Array): PublicKey {
  const wire = readWire(blob);
  const type = wire.text();
  switch (type) {
    case 'ssh-ed25519': {
      const key = ed25519Key(wire.string());
      wire.end();
      return { type, check: (message, signature) => checkEd25519(key, message, signature) };
    }
    case 'sk-ssh-ed25519@openssh.com': {
      const key = ed25519Key(wire.string());
      const application = sha256(wire.string());
      wire.end();
      return { type, check: (message, signature) => checkSecurityKey(key, application, message, signature) };
    }
    case 'sk-ecdsa-sha2-nistp256@openssh.com': {
      const key = p256Key(wire.text(), wire.string());
      const application = sha256(wire.string());
      wire.end();
      return { type, check: (message, signature) => checkSecurityP256(key, application, message, signature) };
    }
    case 'ssh-rsa': {
      const e = unsigned(wire.string());
      const key = rsaKey(unsigned(wire.string()), e);
      wire.end();
      return { type, check: (message, signature) => checkRsa(key, message, signature) };
    }
    case 'ecdsa-sha2-nistp256': {
      const key = p256Key(wire.text(), wire.string());
      wire.end();
      return { type, check: (message, signature) => checkP256(key, message, signature) };
    }
    default:
      throw new WireError(`is of a key type that is not read here: ${JSON.stringify(type.slice(0, 40))}`);
  }
}

/** Whether a raw Ed25519 signature by a raw public key is good; false for what is no key or no signature. */
export function checkRawEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return holds(null, message, ed25519Key(Buffer.from(publicKey)), signature);
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/** Keys that were read lately, by their bytes: a history is signed by few, and reading one costs as much as a check. */
const readKeys = new Map<string, KeyObject>();
const mostKeys = 64;

function ed25519Key(raw: Buffer): KeyObject {
  if (raw.length !== 32) throw new WireError('holds an Ed25519 key that is not 32 bytes');
  const name = raw.toString('latin1');
  const known = readKeys.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: Buffer.concat([ed25519SpkiPrefix, raw]), format: 'der', type: 'spki' });
  const [oldest] = readKeys.keys();
  if (readKeys.size >= mostKeys && oldest !== undefined) readKeys.delete(oldest);
  readKeys.set(name, key);
  return key;
}

function rsaKey(n: Buffer, e: Buffer): KeyObject {
  if (n.length * 8 < minRsaBits) throw new WireError(`holds an RSA key of fewer than ${minRsaBits} bits`);
  return fromJwk({ kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') });
}

function p256Key(curve: string, point: Buffer): KeyObject {
  if (curve !== 'nistp256' || point.length !== 65 || point[0] !== 4) throw new WireError('holds no P-256 point');
  const x = point.subarray(1, 33).toString('base64url');
  return fromJwk({ kty: 'EC', crv: 'P-256', x, y: point.subarray(33).toString('base64url') });
}

function fromJwk(key: Record<string, string>): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch (cause) {
    throw new WireError('holds a key that is none', { cause });
  }
}

function checkEd25519(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return holds(null, message, key, soleField(signature, 'ssh-ed25519'));
}

function checkSecurityKey(key: KeyObject, application: Buffer, message: Uint8Array, signature: Uint8Array): boolean {
  const { raw, signed } = readDevice('sk-ssh-ed25519@openssh.com', application, message, signature);
  return signed !== null && holds(null, signed, key, raw);
}

function checkSecurityP256(key: KeyObject, application: Buffer, message: Uint8Array, signature: Uint8Array): boolean {
  const { raw, signed } = readDevice('sk-ecdsa-sha2-nistp256@openssh.com', application, message, signature);
  return signed !== null && holdsP256(key, signed, raw);
}

/**
 * What a device says it signed: digest of its application, flags, counter, digest of the message; null when nobody
 * touched it. @see OpenSSH PROTOCOL.u2f
 */
function readDevice(
  type: string,
  application: Buffer,
  message: Uint8Array,
  signature: Uint8Array,
): { readonly raw: Buffer; readonly signed: Buffer | null } {
  const wire = readWire(signature);
  if (wire.text() !== type) throw new WireError('is of another kind than its key');
  const raw = wire.string();
  const flagsAndCounter = wire.take(5);
  wire.end();
  const isPresent = ((flagsAndCounter[0] ?? 0) & userPresent) !== 0;
  return { raw, signed: isPresent ? Buffer.concat([application, flagsAndCounter, sha256(message)]) : null };
}

function checkRsa(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  const type = readWire(signature).text();
  if (type !== 'rsa-sha2-512' && type !== 'rsa-sha2-256') throw new WireError('is not rsa-sha2-512 or rsa-sha2-256');
  return holds(type === 'rsa-sha2-512' ? 'sha512' : 'sha256', message, key, soleField(signature, type));
}

function checkP256(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  return holdsP256(key, message, soleField(signature, 'ecdsa-sha2-nistp256'));
}

function holdsP256(key: KeyObject, message: Uint8Array, field: Buffer): boolean {
  const wire = readWire(field);
  const [r, s] = [unsigned(wire.string()), unsigned(wire.string())];
  wire.end();
  if (r.length > 32 || s.length > 32) throw new WireError('holds a number that is too long');
  const joined = Buffer.alloc(64);
  r.copy(joined, 32 - r.length);
  s.copy(joined, 64 - s.length);
  return holds('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, joined);
}

// OpenSSL throws on some keys that are malformed in ways it only sees when it computes.
function holds(...[hash, data, key, signature]: VerifyArguments): boolean {
  try {
    return verify(hash, data, key, signature);
  } catch (cause) {
    throw new WireError('cannot be computed', { cause });
  }
}

function soleField(signature: Uint8Array, type: string): Buffer {
  const wire = readWire(signature);
  if (wire.text() !== type) throw new WireError('is of another kind than its key');
  const field = wire.string();
  wire.end();
  return field;
}

// RFC 4251 `mpint`: positive, without needless leading zeros.
function unsigned(bytes: Buffer): Buffer {
  const [first = 0x80, second = 0] = bytes;
  if (first >= 0x80 || (first === 0 && second < 0x80))
    throw new WireError('holds a number in a form that is not allowed');
  return first === 0 ? bytes.subarray(1) : bytes;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
