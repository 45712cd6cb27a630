/** One `key = value` of a TOML text, with the section it stands in and every quoted text of its value. */
export interface TomlEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly strings: readonly string[];
  readonly line: number;
}

/**
 * Reads the entries of a TOML text line by line, arrays over several lines included: enough for manifests and lock
 * files, which tools write. A repeated `[[section]]` gets its number: `package#2`. Never throws.
 */
export function readTomlEntries(text: string): readonly TomlEntry[] {
  const entries: TomlEntry[] = [];
  const counts = new Map<string, number>();
  let section = '';
  let open: { key: string; parts: string[]; line: number; depth: number } | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\r$/, '');
    if (open === null) {
      const head = /^\s{0,20}(\[{1,2})([^[\]]{1,500})\]{1,2}/.exec(line);
      if (head !== null) {
        section = sectionName(head[1] ?? '[', head[2] ?? '', counts);
        continue;
      }
      const entry = /^\s*("[^"]+"|'[^']+'|[\w.-]+)\s*=\s*(.*)$/.exec(line);
      if (entry === null) continue;
      open = { key: (entry[1] ?? '').replace(/^["']|["']$/g, ''), parts: [], line: index + 1, depth: 0 };
      addPart(open, entry[2] ?? '');
    } else addPart(open, line);
    if (open.depth > 0) continue;
    const value = open.parts.join('\n');
    entries.push({ section, key: open.key, value, strings: stringsOf(value), line: open.line });
    open = null;
  }
  return entries;
}

function sectionName(bracket: string, name: string, counts: Map<string, number>): string {
  const plain = name.trim().replace(/["']/g, '');
  if (bracket === '[') return plain;
  const count = (counts.get(plain) ?? 0) + 1;
  counts.set(plain, count);
  return `${plain}#${count}`;
}

function stripComment(value: string): string {
  return value.replace(/("[^"]*"|'[^']*')|#.*$/g, (_whole, quoted: string | undefined) => quoted ?? '');
}

function addPart(open: { readonly parts: string[]; depth: number }, text: string): void {
  const part = stripComment(text);
  const bare = part.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '');
  open.depth += (bare.match(/[[{]/g)?.length ?? 0) - (bare.match(/[\]}]/g)?.length ?? 0);
  open.parts.push(part);
}

function stringsOf(value: string): readonly string[] {
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g)].map((found) => found[1] ?? found[2] ?? '');
}
