import { Refusal } from './refusal.js';

const maxBytes = 1_048_576;

// C0 controls but tab and line feed, and DEL: no text file of ours has them, and the tokeniser uses some as marks.
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/**
 * Bytes as text: UTF-8 only, a leading BOM dropped, CRLF read as LF (columns and lines stay what they were).
 * @throws Refusal over 1 MiB, for NUL, and for bytes that are not UTF-8
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.byteLength > maxBytes) {
    throw new Refusal('YAML_REFUSED', `more than the ${maxBytes} bytes that are read`, 0, {
      mend: 'split the file, or move long text elsewhere and refer to it',
    });
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) throw binary(`a NUL byte at offset ${nul}`, 0);
  return decodeUtf8(bytes).replaceAll('\r\n', '\n');
}

/** @throws Refusal at the first control character but tab and line feed; a lone carriage return is one */
export function refuseControls(text: string): void {
  const found = control.exec(text);
  if (found) throw binary(`control character U+${hex(found[0])}`, found.index);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Refusal('YAML_REFUSED', 'not valid UTF-8', 0, { mend: 'save the file as UTF-8 text', cause: error });
  }
}

function binary(what: string, offset: number): Refusal {
  return new Refusal('YAML_REFUSED', `not a text file: ${what}`, offset, {
    mend: 'save the file as plain UTF-8 text without control characters',
  });
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
}
