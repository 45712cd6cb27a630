const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const valueOf = new Map([...digits].map((digit, value) => [digit.charCodeAt(0), value]));
const padding = 61;

/** Whether a text is base64 with padding. In steps that no length can exhaust, as a pattern of groups could be. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/=]/.test(text) && !/=[^=]|={3}/.test(text);
}

/** Bytes in base64 with padding. @see RFC 4648 §4 */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const left = bytes.length - at;
    text += digits.charAt(bits >> 18) + digits.charAt((bits >> 12) & 63);
    text += (left > 1 ? digits.charAt((bits >> 6) & 63) : '=') + (left > 2 ? digits.charAt(bits & 63) : '=');
  }
  return text;
}

/** The bytes of base64 with padding; null unless the text is the one that `encodeBase64` gives for them. */
export function decodeBase64(text: string): Uint8Array | null {
  if (!isBase64(text)) return null;
  const symbols = text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  const bytes = new Uint8Array(Math.floor((symbols * 3) / 4));
  let at = 0;
  let spare = 0;
  for (let from = 0; from < symbols; from += 4) {
    let bits = 0;
    for (let next = from; next < from + 4; next += 1) {
      const code = text.charCodeAt(next);
      bits = (bits << 6) | (code === padding ? 0 : (valueOf.get(code) ?? 0));
    }
    const count = Math.min(3, bytes.length - at);
    for (let byte = 0; byte < count; byte += 1) bytes[at + byte] = (bits >> (16 - 8 * byte)) & 0xff;
    at += count;
    // Bits that no byte took must be zero: else another text would stand for the same bytes.
    spare |= bits & (0xffffff >> (8 * count));
  }
  return spare === 0 ? bytes : null;
}
