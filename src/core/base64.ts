const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Whether a text is base64 with padding. In steps that no length can exhaust, as a pattern of groups could be. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/=]/.test(text) && !/=[^=]|={3}/.test(text);
}

/** Bytes in base64 with padding. @see RFC 4648 §4 */
export function encodeBase64(bytes: Uint8Array): string {
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const bits = (a << 16) | (b << 8) | c;
    const four = [18, 12, 6, 0].map((shift) => digits.charAt((bits >> shift) & 63)).join('');
    const missing = Math.max(0, at + 3 - bytes.length);
    groups.push(four.slice(0, 4 - missing) + '='.repeat(missing));
  }
  return groups.join('');
}

/** The bytes of base64 with padding; null unless the text is the one that `encodeBase64` gives for them. */
export function decodeBase64(text: string): Uint8Array | null {
  if (!isBase64(text)) return null;
  const symbols = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((symbols.length * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (const symbol of symbols) {
    word = ((word << 6) | digits.indexOf(symbol)) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (word >> bits) & 0xff;
    at += 1;
  }
  return encodeBase64(bytes) === text ? bytes : null;
}
