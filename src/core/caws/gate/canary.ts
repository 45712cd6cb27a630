import { isTestPath } from '../test-path.js';
import { isRunnerFile } from './runner-files.js';
import { sourceLanguage } from './source-language.js';

/** Text that no language of `sourceLanguage` accepts after a whole file. */
export const brokenText = '\n)]}{ (((\n';

const filesAtMost = 4;

/** Product files in which a known-bad change is tried, the likeliest first: `src`, `lib` and top-level code, shallow. */
export function canaryFiles(paths: readonly string[]): readonly string[] {
  return paths
    .filter((path) => sourceLanguage(path) !== null && !isTestPath(path) && !isRunnerFile(path))
    .map((path) => ({ path, rank: rankOf(path) }))
    .sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))
    .slice(0, filesAtMost)
    .map(({ path }) => path);
}

function rankOf(path: string): number {
  const depth = path.split('/').length;
  return (/^(src|lib|app|source|packages)\//.test(path) ? 0 : 10) + depth;
}

/** A function that no test calls, to be put at the end of a file; null for a language in which we write none. */
export function untestedFunction(path: string, name: string): string | null {
  const language = sourceLanguage(path);
  if (language === 'javascript') {
    const any = /\.[cm]?tsx?$/.test(path) ? ': number' : '';
    return `\nfunction ${name}(value${any}) {\n  if (value > 1) {\n    return value - 1;\n  }\n  return value + 1;\n}\nif (Date.now() < 0) {\n  ${name}(1);\n}\n`;
  }
  if (language !== 'python') return null;
  return `\n\ndef ${name}(value):\n    if value > 1:\n        return value - 1\n    return value + 1\n`;
}
