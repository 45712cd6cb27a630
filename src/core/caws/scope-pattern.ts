import picomatch from 'picomatch';

const globCharacters = /[*?[\](){}!@+|]/;

/**
 * Compiles scope entries into one test of a path. An entry with any of `*?[](){}!@+|` is a picomatch glob with
 * `dot: true`; any other matches exactly or as a directory above. Both sides are compared in Unicode NFC. `.` is the
 * whole repository; a leading `./` and a trailing `/` say nothing. No entries match nothing.
 * @see constitution §3 part 2
 */
export function compilePatterns(entries: readonly string[]): (path: string) => boolean {
  const tests = entries.map(compileEntry);
  return (path) => {
    const normal = path.normalize('NFC');
    return tests.some((test) => test(normal));
  };
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
