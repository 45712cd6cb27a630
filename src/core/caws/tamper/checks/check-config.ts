const checkConfig =
  /(^|\/)(package\.json|(vitest|vite|jest|karma|playwright|cypress|stryker|eslint|biome|oxlint|ava|nyc|c8|wdio|web-test-runner)[\w.-]*\.(conf|config|workspace)\.(json|[cm]?[jt]s)|stryker[\w.-]*\.json|biome\.jsonc?|\.?oxlintrc\.jsonc?|[tj]sconfig[\w.-]*\.json|\.nycrc[\w.]*|\.c8rc[\w.]*|\.mocharc[\w.]*|\.taprc|\.eslintrc[\w.]*|\.jestrc[\w.]*|\.coveragerc|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|mypy\.ini|\.?flake8|\.?ruff\.toml|\.(eslint|oxlint|biome|stylelint)ignore|\.pylintrc|pylintrc|\.?codecov\.ya?ml|sonar-project\.properties|noxfile\.py|Makefile|justfile|Cargo\.toml|\.golangci\.ya?ml)$/i;

/** True for files that configure tests, coverage, mutation, types or lint. */
export function isCheckConfig(path: string): boolean {
  return checkConfig.test(path) && !/(^|\/)(node_modules|fixtures?|__fixtures__|testdata)\//.test(path);
}

/** Something that a configuration asks less of. */
export interface Loosening {
  readonly text: string;
  readonly line: number | null;
  /** It widens something that is often widened for good reasons. */
  readonly mild: boolean;
}

/** The line on which a text stands first, counted from 1, or null. */
export function lineWith(text: string, part: string): number | null {
  const at = text.indexOf(part);
  return at < 0 ? null : text.slice(0, at).split('\n').length;
}

/** The text with its comments blanked: what is commented out configures nothing. One pass, whatever the text. */
export function withoutComments(text: string, path: string): string {
  const hashes = /\.(toml|ini|cfg|ya?ml|properties|py)$|rc$|Makefile$|justfile$|flake8$|ignore$/i.test(path);
  if (hashes && !text.trimStart().startsWith('{')) return text.replace(/(^|\s)#.*$/gm, blank);
  if (/package\.json$/.test(path)) return text;
  const parts: string[] = [];
  const opening = /["']|\/\/|\/\*/g;
  let at = 0;
  for (let found = opening.exec(text); found !== null; found = opening.exec(text)) {
    const end = endOf(text, found[0], found.index);
    const inside = text.slice(found.index, end);
    parts.push(text.slice(at, found.index), found[0].startsWith('/') ? blank(inside) : inside);
    at = opening.lastIndex = end;
  }
  return parts.join('') + text.slice(at);
}

/** A string is read first, so that what looks like a comment inside it stays. */
function endOf(text: string, opening: string, start: number): number {
  if (opening === '//') return indexOr(text, '\n', start);
  if (opening === '/*') return Math.min(text.length, indexOr(text, '*/', start + 2) + 2);
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') at += 1;
    else if (character === opening || character === '\n') return at + 1;
  }
  return text.length;
}

function indexOr(text: string, part: string, from: number): number {
  const at = text.indexOf(part, from);
  return at < 0 ? text.length : at;
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
