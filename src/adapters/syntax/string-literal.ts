const javascriptOrPython = /^([A-Za-z]{0,2})("""|'''|"|'|`)([\s\S]*)\2$/;

/**
 * A string literal in double quotes, so that the style of quotes does not matter: `'it\'s'` is `"it's"`. Templates with
 * substitutions or line breaks, raw and formatted Python strings with quotes inside, and broken literals stay as they
 * are. Escapes by code are spelled in one way.
 */
export function normalString(raw: string): string {
  const parts = javascriptOrPython.exec(raw);
  if (parts === null) return raw;
  return quoted(raw.includes('\\') ? spellEscapes(raw, parts) : raw, parts[1] ?? '', parts[2] ?? '');
}

/** `\x1b`, `\u001B` and `\u001b` are one character. Templates may be tagged and raw strings read them as they stand. */
function spellEscapes(raw: string, [, prefix = '', quote = '']: readonly string[]): string {
  if (prefix !== '' || quote === '`') return raw;
  return raw.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|[\s\S])/g, (whole, unicode?: string, hex?: string) => {
    const digits = unicode ?? hex;
    return digits === undefined ? whole : `\\u${digits.toLowerCase().padStart(4, '0')}`;
  });
}

function quoted(raw: string, prefix: string, quote: string): string {
  const content = raw.slice(prefix.length + quote.length, -quote.length);
  if (quote === '"') return content.includes("\\'") ? `${prefix}"${content.replaceAll("\\'", "'")}"` : raw;
  if (quote === '`' && /\$\{|\n|\\/.test(content)) return raw;
  if (content.includes('\n')) return raw.replaceAll("'''", '"""');
  if (prefix !== '' && content.includes('"')) return raw;
  return `${prefix}"${content.replaceAll("\\'", "'").replace(/(^|[^\\])"/g, '$1\\"')}"`;
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', '0': '\0', b: '\b', f: '\f', v: '\v' };

/** What a literal without substitutions means, or null when it is no such literal. */
export function stringValue(raw: string): string | null {
  const parts = javascriptOrPython.exec(raw.trim());
  if (parts === null) return null;
  const [, prefix = '', quote = '', content = ''] = parts;
  if (/[fF]/.test(prefix) || (quote === '`' && content.includes('${'))) return null;
  if (quote.length === 1 && new RegExp(`(^|[^\\\\])${quote}`).test(content)) return null;
  if (/[rR]/.test(prefix) || !content.includes('\\')) return content;
  return content.replace(
    /\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g,
    (_, braced?: string, unicode?: string, hex?: string, other?: string) =>
      other === undefined
        ? codePointText(Number.parseInt(braced ?? unicode ?? hex ?? '0', 16))
        : (escapes[other] ?? (other === '\n' ? '' : other)),
  );
}

function codePointText(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

/** Joins constant pieces: `"ex" + 'it'`, `["ex", "it"].join("")`, one literal. Null when it is not constant. */
export function foldConstant(text: string, constants: ReadonlyMap<string, string>): string | null {
  const trimmed = text.trim();
  if (trimmed.length > 400) return null;
  const known = constants.get(trimmed);
  if (known !== undefined) return known;
  const joined = /^\[([\s\S]*)\]\.join\((?:''|""|``)\)$/.exec(trimmed);
  const pieces = (joined?.[1] ?? trimmed).split(joined === null ? /\s*\+\s*/ : /\s*,\s*/);
  const values = pieces.map((piece) => constants.get(piece.trim()) ?? stringValue(piece));
  return values.every((value) => value !== null) ? values.join('') : null;
}
