import picomatch from 'picomatch';

const globCharacters = /[*?[\](){}!@+|]/;

/**
 * Compiles scope entries into one test of a path. An entry with any of `*?[](){}!@+|` is a picomatch glob with
 * `dot: true`; any other matches exactly or as a directory above. Both sides are compared in Unicode NFC. `.` is the
 * whole repository; a leading `./` and a trailing `/` say nothing. No entries match nothing.
 * @see constitution §3 part 2
 */
export function compilePatterns(entries: readonly string[]): (path: string) => boolean {
  const tests = entries.map(compileOnce);
  return (path) => {
    const normal = path.normalize('NFC');
    return tests.some((test) => test(normal));
  };
}

/** The place that an entry speaks of: all of it when it is plain, of a glob the folders before its first magic name. */
export function placeOfEntry(entry: string): { readonly path: string; readonly isGlob: boolean } {
  const plain = entry.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (plain === '' || plain === '.') return { path: '', isGlob: false };
  const names = plain.split('/');
  const magic = names.findIndex((name) => globCharacters.test(name));
  return { path: (magic < 0 ? names : names.slice(0, magic)).join('/'), isGlob: magic >= 0 };
}

const compiled = new Map<string, (path: string) => boolean>();
const keptEntries = 2000;

// The same entries come with every change; parsing a glob costs more than asking it a hundred times.
function compileOnce(entry: string): (path: string) => boolean {
  const kept = compiled.get(entry);
  if (kept !== undefined) return kept;
  if (compiled.size >= keptEntries) compiled.clear();
  const made = compileEntry(entry);
  compiled.set(entry, made);
  return made;
}

function compileEntry(entry: string): (path: string) => boolean {
  const plain = entry
    .normalize('NFC')
    .replace(/^(\.\/)+/, '')
    .replace(/\/+$/, '');
  if (plain === '' || plain === '.') return () => true;
  if (!globCharacters.test(plain)) return (path) => path === plain || path.startsWith(`${plain}/`);
  // A leading `!` would turn the meaning of an allow-list around: read it as the character that it is.
  const matches = picomatch(plain, { dot: true, nonegate: true });
  // A real path may hold glob characters itself: `app/[id]/page.tsx` also means the path of that very name.
  return (path) => path === plain || path.startsWith(`${plain}/`) || matches(path);
}
