/** Endings of files by the word that agents' profiles name their language by. */
const endings: Readonly<Record<string, readonly string[]>> = {
  typescript: ['ts', 'tsx', 'mts', 'cts'],
  javascript: ['js', 'jsx', 'mjs', 'cjs'],
  python: ['py', 'pyi'],
  go: ['go'],
  rust: ['rs'],
  java: ['java'],
  kotlin: ['kt', 'kts'],
  scala: ['scala'],
  'c#': ['cs'],
  'f#': ['fs'],
  c: ['c', 'h'],
  'c++': ['cc', 'cpp', 'cxx', 'hpp', 'hh'],
  'objective-c': ['m', 'mm'],
  swift: ['swift'],
  ruby: ['rb'],
  php: ['php'],
  dart: ['dart'],
  elixir: ['ex', 'exs'],
  erlang: ['erl', 'hrl'],
  haskell: ['hs'],
  ocaml: ['ml', 'mli'],
  clojure: ['clj', 'cljs', 'cljc'],
  lua: ['lua'],
  perl: ['pl', 'pm'],
  r: ['r'],
  julia: ['jl'],
  shell: ['sh', 'bash', 'zsh'],
  sql: ['sql'],
  vue: ['vue'],
  svelte: ['svelte'],
  zig: ['zig'],
};
const languages = new Map(
  Object.entries(endings).flatMap(([name, all]) => all.map((ending) => [ending, name] as const)),
);
const texts = new Set(['md', 'json', 'yaml', 'yml', 'toml', 'xml', 'html', 'css', 'scss', 'txt', 'ini', 'cfg']);
const notRead = /(^|\/)(package-lock\.json|pnpm-lock\.yaml|[^/]*\.lock|[^/]*\.min\.(js|css))$/;

/** The language that a file is written in, by its ending; null for documents, data, and what nobody knows. */
export function languageOf(path: string): string | null {
  return languages.get(endingOf(path)) ?? null;
}

/** Whether somebody who works on it reads it: a program's text, documents, small data; no lock file, nothing minified. */
export function isRead(path: string): boolean {
  return !notRead.test(path) && (languageOf(path) !== null || texts.has(endingOf(path)));
}

function endingOf(path: string): string {
  return /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
}
