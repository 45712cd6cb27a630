import { requestsOfNpm } from './npm-manifest.js';
import { requestsOfOther } from './other-manifests.js';
import type { DependencyRequest } from './version-change.js';

const manifests: readonly (readonly [pattern: RegExp, ecosystem: string])[] = [
  [/(^|\/)package\.json$/, 'npm'],
  [/(^|\/)(deno|jsr)\.jsonc?$/, 'npm'],
  [/(^|\/)composer\.json$/, 'npm'],
  [
    /(^|\/)([\w.-]*requirements[\w.-]*\.(txt|in)|requirements\/[\w.-]+\.(txt|in)|constraints[\w.-]*\.txt)$/i,
    'requirements',
  ],
  [/(^|\/)pyproject\.toml$/, 'pyproject'],
  [/(^|\/)setup\.cfg$/, 'setup.cfg'],
  [/(^|\/)pipfile$/i, 'pipfile'],
  [/(^|\/)setup\.py$/, 'setup.py'],
  [/(^|\/)gemfile$/i, 'gemfile'],
  [/(^|\/)pnpm-workspace\.yaml$/, 'pnpm-workspace'],
  [/(^|\/)go\.mod$/, 'go'],
  [/(^|\/)cargo\.toml$/i, 'cargo'],
];

/** The ecosystem of a manifest that asks for dependencies, null for any other file. */
export function ecosystemOf(path: string): string | null {
  return manifests.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}

/** What the manifest at `path` asks for; nothing for a file that is no manifest. */
export function requestsOf(path: string, text: string | null): readonly DependencyRequest[] {
  const ecosystem = ecosystemOf(path);
  if (ecosystem === null) return [];
  return ecosystem === 'npm' ? requestsOfNpm(text, path) : requestsOfOther(text, ecosystem);
}
