import { pathOf } from '../../change.js';
import type { FileFacts } from '../../file-facts.js';
import { asObject, lineOfKey, readJsonObject, stableJson } from '../text/json-text.js';

/** A command or setting that the change alters, with the line that shows it where there is one. */
export interface AutomationChange {
  readonly message: string;
  readonly line: number | null;
}

/** Run by npm, pnpm, yarn or bun without being asked for by name. */
const installScripts = new Set([
  'preinstall',
  'install',
  'postinstall',
  'preprepare',
  'prepare',
  'postprepare',
  'prepublish',
  'prepublishOnly',
  'prepack',
  'postpack',
  'dependencies',
  'pnpm:devPreinstall',
]);

const hookKeys = [
  'husky',
  'lint-staged',
  'simple-git-hooks',
  'gitHooks',
  'pre-commit',
  'pre-push',
  'config',
  'trustedDependencies',
  'lefthook',
  'wireit',
];

type Json = Readonly<Record<string, unknown>>;

/**
 * Changes of scripts, hooks and install permissions between the two sides of a `package.json`. Of a manifest that is
 * new (a new package in a monorepo) only the scripts that installers run by themselves count. A manifest that is no
 * JSON counts as changed in full, since nobody can tell what it runs.
 */
export function manifestChanges(facts: FileFacts): readonly AutomationChange[] {
  if (!/(^|\/)package\.(json|json5|yaml)$/.test(pathOf(facts.file))) return [];
  const before = readJsonObject(facts.oldText);
  const after = readJsonObject(facts.newText);
  const unread = (facts.newText !== null && after === null) || (facts.oldText !== null && before === null);
  if (unread)
    return [{ message: 'the package manifest cannot be read as JSON, so its scripts are unknown', line: null }];
  if (after === null)
    return before?.['scripts'] === undefined ? [] : [{ message: 'deletes a manifest with scripts', line: null }];
  const scripts = scriptChanges(before, after, facts.newText);
  return before === null ? scripts : [...scripts, ...hookChanges(before, after, facts.newText)];
}

function scriptChanges(before: Json | null, after: Json, text: string | null): AutomationChange[] {
  const old = asObject(before?.['scripts']) ?? {};
  const now = asObject(after['scripts']) ?? {};
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].toSorted();
  return names
    .filter((name) => stableJson(old[name]) !== stableJson(now[name]))
    .filter((name) => before !== null || installScripts.has(name))
    .map((name) => {
      const did = old[name] === undefined ? 'adds' : now[name] === undefined ? 'removes' : 'changes';
      const kind = installScripts.has(name) ? 'the script, run at install or publish,' : 'the script';
      return { message: `${did} ${kind} "${name}"`, line: lineOfKey(text, name, 'scripts') };
    });
}

function hookChanges(before: Json, after: Json, text: string | null): AutomationChange[] {
  const own = hookKeys
    .filter((key) => stableJson(before[key]) !== stableJson(after[key]))
    .map((key) => ({ message: `changes "${key}" of the package manifest`, line: lineOfKey(text, key) }));
  const pnpm = [asObject(before['pnpm']), asObject(after['pnpm'])].map((it) =>
    stableJson([it?.['onlyBuiltDependencies'], it?.['neverBuiltDependencies'], it?.['dangerouslyAllowAllBuilds']]),
  );
  if (pnpm[0] === pnpm[1]) return own;
  return [...own, { message: 'changes which dependencies may run build scripts', line: lineOfKey(text, 'pnpm') }];
}
