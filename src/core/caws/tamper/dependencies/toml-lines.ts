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
  let open: { key: string; value: string; line: number } | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\r$/, '');
    if (open === null) {
      const head = /^\s*(\[{1,2})\s*([^\]]+?)\s*\]{1,2}\s*(#.*)?$/.exec(line);
      if (head !== null) {
        section = sectionName(head[1] ?? '[', head[2] ?? '', counts);
        continue;
      }
      const entry = /^\s*("[^"]+"|'[^']+'|[\w.-]+)\s*=\s*(.*)$/.exec(line);
      if (entry === null) continue;
      open = {
        key: (entry[1] ?? '').replace(/^["']|["']$/g, ''),
        value: stripComment(entry[2] ?? ''),
        line: index + 1,
      };
    } else open.value += `\n${stripComment(line)}`;
    if (!isBalanced(open.value)) continue;
    entries.push({ section, ...open, strings: stringsOf(open.value) });
    open = null;
  }
  return entries;
}

function sectionName(bracket: string, name: string, counts: Map<string, number>): string {
  const plain = name.replace(/["']/g, '');
  if (bracket === '[') return plain;
  const count = (counts.get(plain) ?? 0) + 1;
  counts.set(plain, count);
  return `${plain}#${count}`;
}

function stripComment(value: string): string {
  return value.replace(/("[^"]*"|'[^']*')|#.*$/g, (_whole, quoted: string | undefined) => quoted ?? '');
}

function isBalanced(value: string): boolean {
  const bare = value.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '');
  return (bare.match(/[[{]/g)?.length ?? 0) <= (bare.match(/[\]}]/g)?.length ?? 0);
}

function stringsOf(value: string): readonly string[] {
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g)].map((found) => found[1] ?? found[2] ?? '');
}
