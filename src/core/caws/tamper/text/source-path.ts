const source =
  /\.([cm]?[jt]sx?|py|pyi|go|rs|rb|java|kts?|scala|swift|c|h|cc|cpp|hpp|cs|php|sh|bash|zsh|ps1|lua|pl|exs?|vue|svelte|sql)$/i;
const prose = /(\.(md|mdx|markdown|txt|rst|adoc|textile)|(^|\/)(licen[cs]e|copying|notice|authors|changelog))$/i;
const locale =
  /(^|\/)(locales?|i18n|l10n|translations?|lang|langs|languages|messages)\/|\.(po|pot|arb|strings|resx|xliff?|ftl|properties)$/i;

/** True for source code of the usual languages, by the ending of the path. */
export function isSourcePath(path: string): boolean {
  return source.test(path);
}

/** True for text written for people: documentation, licences, change logs. */
export function isProsePath(path: string): boolean {
  return prose.test(path);
}

/** True for translations: texts of other scripts and directions are at home there. */
export function isLocalePath(path: string): boolean {
  return locale.test(path);
}

export type CommentStyle = 'slash' | 'hash';

/** How comments are written in the language of the path. */
export function commentStyleOf(path: string): CommentStyle {
  return /\.(pyi?|rb|sh|bash|zsh|ps1|pl|exs?|ya?ml|toml|cfg|ini)$/i.test(path) ? 'hash' : 'slash';
}
