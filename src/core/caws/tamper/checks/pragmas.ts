/** A comment that tells a tool to look away. */
export interface Pragma {
  readonly name: string;
  /** Takes a whole file or region, names no rule, or hides code from coverage or mutation. */
  readonly broad: boolean;
}

const kinds: readonly { readonly name: string; readonly pattern: RegExp; readonly broad: RegExp | boolean }[] = [
  { name: 'coverage ignore', pattern: /\b(istanbul|c8|v8|node:coverage)\s+(ignore|disable)\b/, broad: true },
  { name: 'no cover', pattern: /#\s*pragma:\s*no\s*(cover|branch|mutate)\b/, broad: true },
  { name: 'Stryker disable', pattern: /\bStryker\s+disable\b/, broad: true },
  { name: '@ts-nocheck', pattern: /@ts-nocheck\b/, broad: true },
  { name: '@ts-ignore', pattern: /@ts-ignore\b/, broad: true },
  { name: '@ts-expect-error', pattern: /@ts-expect-error\b/, broad: /@ts-expect-error\W*$/ },
  // A rule by its name, with a reason behind `--`, is said aloud; anything less is broad.
  {
    name: 'eslint-disable',
    pattern: /\b(eslint|oxlint)-disable\b(?!-)/,
    broad: /-disable\s*(\*\/)?$|-disable(?!.*--\s*\w{3})/,
  },
  { name: 'eslint-disable-line', pattern: /\b(eslint|oxlint)-disable-(next-)?line\b/, broad: /-line\s*(\*\/)?\s*$/ },
  { name: 'eslint by a comment', pattern: /^eslint\s+[\w@/-]+\s*:.*?["'\s[,:](off|0)\b/, broad: true },
  { name: 'deno-lint-ignore', pattern: /\bdeno-lint-ignore(-file)?\b/, broad: /-ignore-file|-ignore\s*(\*\/)?$/ },
  {
    name: 'biome-ignore',
    pattern: /\bbiome-ignore(-all|-start)?\b/,
    broad: /biome-ignore-(all|start)|biome-ignore\s*(\*\/)?$/,
  },
  { name: 'prettier or tslint', pattern: /\btslint:disable\b/, broad: /tslint:disable(?!-next-line|-line)/ },
  { name: 'noqa', pattern: /#\s*(flake8:\s*|ruff:\s*)?noqa\b/i, broad: /(flake8|ruff):\s*noqa|noqa\s*$|noqa(?!\s*:)/i },
  { name: 'type: ignore', pattern: /#\s*type:\s*ignore\b/, broad: /type:\s*ignore(?!\[)/ },
  {
    name: 'mypy or pyright',
    pattern: /#\s*(mypy:\s*(ignore-errors|disable-error-code)|pyright:\s*(basic|ignore\b|report\w+=false))/,
    broad: /mypy:|pyright:\s*basic|pyright:\s*ignore\s*$/,
  },
  {
    name: 'pylint disable',
    pattern: /#\s*pylint:\s*(disable|skip-file)/,
    broad: /skip-file|disable\s*=\s*(all|[\w-]+,[\w-]+,[\w-]+,)/,
  },
  { name: 'nosec', pattern: /#\s*nosec\b/, broad: /nosec\s*$/ },
];

/** The pragma in a comment's text, or null. A pragma that takes a check up again (`eslint-enable`) is none. */
export function pragmaOf(comment: string): Pragma | null {
  // Only a comment that speaks to the tool: prose may well mention the words.
  const head = comment.replace(/^(\/\/+|\/\*+|#+|<!--)\s*/, '');
  for (const kind of kinds) {
    const found = kind.pattern.exec(kind.name.startsWith('no') || comment.startsWith('#') ? comment : head);
    if (found === null || (found.index > 12 && !comment.startsWith('#'))) continue;
    const broad = typeof kind.broad === 'boolean' ? kind.broad : kind.broad.test(comment.trim());
    return { name: kind.name, broad };
  }
  return null;
}

/** The same for a pragma and for itself with another reason. */
export function pragmaKey(comment: string): string {
  return comment
    .replace(/\s+--\s.*$/, '')
    .replace(/\W+$/, '')
    .replace(/\s+/g, ' ');
}

/** Lines that no run can reach, by their own text: what they hide from coverage was never to be covered. */
export const unreachableByNature =
  /TYPE_CHECKING|__main__|NotImplementedError|abstractmethod|@overload|\.\.\.\s*#|assert_never|never\b|def __repr__/;
