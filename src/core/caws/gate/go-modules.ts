/**
 * Modules that a `go.mod` requires and does not replace by a folder beside it, sorted: those that must be vendored where there is
 * no network. Empty for a module that needs the standard library alone.
 */
export function remoteGoModules(goMod: string): readonly string[] {
  const required = new Set<string>();
  const local = new Set<string>();
  for (const { verb, words } of directivesOf(goMod)) {
    const [name = ''] = words;
    if (verb === 'require') required.add(name);
    const target = words[words.indexOf('=>') + 1] ?? '';
    if (verb === 'replace' && words.includes('=>') && /^\.{1,2}\//.test(target)) local.add(name);
  }
  return [...required].filter((name) => !local.has(name)).sort();
}

interface Directive {
  readonly verb: string;
  readonly words: readonly string[];
}

function directivesOf(goMod: string): readonly Directive[] {
  const found: Directive[] = [];
  let block: string | null = null;
  for (const line of goMod.split('\n')) {
    const words = wordsOf(line);
    const [first = ''] = words;
    if (first === '') continue;
    if (block !== null && first === ')') block = null;
    else if (block !== null) found.push({ verb: block, words });
    else if (words[1] === '(') block = first;
    else found.push({ verb: first, words: words.slice(1) });
  }
  return found;
}

function wordsOf(line: string): readonly string[] {
  return line
    .replace(/(^|\s)\/\/.*$/, '')
    .replace('(', ' ( ')
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/^["`](.*)["`]$/, '$1'));
}
