const checkConfig =
  /(^|\/)(package\.json|(vitest|vite|jest|karma|playwright|cypress|stryker|eslint|biome|oxlint|ava|nyc|c8|wdio|web-test-runner)[\w.-]*\.(conf|config|workspace)\.(json|[cm]?[jt]s)|stryker[\w.-]*\.json|biome\.jsonc?|\.?oxlintrc\.jsonc?|[tj]sconfig[\w.-]*\.json|\.nycrc[\w.]*|\.c8rc[\w.]*|\.mocharc[\w.]*|\.taprc|\.eslintrc[\w.]*|\.jestrc[\w.]*|\.coveragerc|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|mypy\.ini|\.?flake8|\.?ruff\.toml|\.pylintrc|pylintrc|\.?codecov\.ya?ml|sonar-project\.properties|noxfile\.py|Makefile|justfile|Cargo\.toml|\.golangci\.ya?ml)$/i;

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

/** The text with its comments blanked: what is commented out configures nothing. */
export function withoutComments(text: string, path: string): string {
  const blank = (found: string) => found.replace(/[^\n]/g, ' ');
  if (
    /\.(toml|ini|cfg|ya?ml|properties|py)$|rc$|Makefile$|justfile$|flake8$/i.test(path) &&
    !text.trimStart().startsWith('{')
  ) {
    return text.replace(/(^|\s)#.*$/gm, blank);
  }
  if (/package\.json$/.test(path)) return text;
  // A string is matched first, so that what looks like a comment inside it stays.
  return text.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (found, quoted?: string) => (quoted === undefined ? blank(found) : found),
  );
}
