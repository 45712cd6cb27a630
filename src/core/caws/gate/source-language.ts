import { isTestPath } from '../test-path.js';

const languages: Readonly<Record<string, RegExp>> = {
  javascript: /\.[cm]?[jt]sx?$/,
  python: /\.py$/,
  go: /\.go$/,
  rust: /\.rs$/,
  jvm: /\.(java|kt|kts|scala|groovy)$/,
  c: /\.(c|h|cc|cpp|cxx|hpp|m|mm)$/,
  dotnet: /\.(cs|fs|vb)$/,
  ruby: /\.rb$/,
  php: /\.php$/,
  swift: /\.swift$/,
  dart: /\.dart$/,
  elixir: /\.exs?$/,
};

// Declarations and the tools' own configuration are no product code: nothing of them runs under test.
const notProduct = /(\.d\.[cm]?ts|\.config\.[cm]?[jt]s|(^|\/)(setup|noxfile|conftest)\.py|(^|\/)\.[^/]+\.[cm]?js)$/;

/**
 * The language of product code that tests can execute, null for anything else: tests, documents, data, type
 * declarations (`.d.ts`) and the configuration of tools (`x.config.ts`).
 */
export function sourceLanguage(path: string): string | null {
  if (isTestPath(path) || notProduct.test(path)) return null;
  return Object.entries(languages).find(([, ending]) => ending.test(path))?.[0] ?? null;
}
