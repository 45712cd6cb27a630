import { sha256 } from '@noble/hashes/sha2.js';
import { decodeBase64, encodeBase64 } from '../base64.js';
import { decodeUtf8, encodeUtf8 } from '../digest.js';

// SubjectPublicKeyInfo of an Ed25519 key up to its 32 raw bytes. @see RFC 8410 §4
const spkiPrefix = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);
const pemBegin = '-----BEGIN PUBLIC KEY-----\n';
const pemEnd = '\n-----END PUBLIC KEY-----\n';

/** The PEM text of a raw 32-byte Ed25519 public key, as openssl and node:crypto write it. */
export function renderPem(raw: Uint8Array): string {
  return `${pemBegin}${encodeBase64(Uint8Array.of(...spkiPrefix, ...raw))}${pemEnd}`;
}

/** The raw 32 bytes of such a PEM; null unless it is the very text that `renderPem` gives for them. */
export function parsePem(bytes: Uint8Array): Uint8Array | null {
  const text = decodeUtf8(bytes) ?? '';
  const der = decodeBase64(text.slice(pemBegin.length, -pemEnd.length));
  if (der?.length !== spkiPrefix.length + 32) return null;
  const raw = der.slice(spkiPrefix.length);
  return renderPem(raw) === text ? raw : null;
}

/** How SSH knows a raw Ed25519 public key: its blob in base64, and the fingerprint that ssh-keygen -l prints. */
export function sshKeyOf(raw: Uint8Array): { readonly key: string; readonly keyId: string } {
  const type = encodeUtf8('ssh-ed25519');
  const blob = Uint8Array.of(0, 0, 0, type.length, ...type, 0, 0, 0, raw.length, ...raw);
  return { key: encodeBase64(blob), keyId: `SHA256:${encodeBase64(sha256(blob)).replace(/=+$/, '')}` };
}
