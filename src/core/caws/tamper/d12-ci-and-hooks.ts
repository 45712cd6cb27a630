import { type ChangedFile, pathOf } from '../change.js';
import type { FileFacts } from '../file-facts.js';
import { type Finding, findingOf } from '../finding.js';
import { buildFileChanges } from './automation/build-files.js';
import { manifestChanges } from './automation/package-manifest.js';
import type { TamperRule } from './tamper-rule.js';

const ci =
  /(^|\/)(\.github\/(workflows|actions)\/.+|\.gitlab-ci\.ya?ml|\.gitlab\/ci\/.+|jenkinsfile(\.[\w-]+)?|\.circleci\/.+|\.travis\.yml|\.?appveyor\.yml|azure-pipelines[\w.-]*\.ya?ml|\.azure-pipelines\/.+|bitbucket-pipelines\.yml|\.drone\.ya?ml|\.buildkite\/.+|\.woodpecker(\/.+|\.ya?ml)|\.cirrus\.(yml|star)|\.ci\/.+|\.semaphore\/.+|\.teamcity\/.+|cloudbuild\.ya?ml|buildspec\.ya?ml|wercker\.yml|\.forgejo\/workflows\/.+|\.gitea\/workflows\/.+|action\.ya?ml|ci\/[^/]+\.(sh|bash|ps1|cmd|bat)|scripts?\/(ci|test|check|verify|lint|pre-?commit)[\w.-]*\.(sh|bash|ps1|cmd|bat)|turbo\.jsonc?|nx\.json)$/i;
const hooks =
  /(^|\/)(\.husky\/.+|\.?lefthook(-local)?\.(ya?ml|toml|json)|\.pre-commit-(config|hooks)\.yaml|\.?git-?hooks\/.+|\.lintstagedrc(\.\w+)?|lint-staged\.config\.\w+|\.?simple-git-hooks\.\w+|\.overcommit\.yml|\.huskyrc(\.\w+)?|\.vscode\/tasks\.json)$/i;
const git = /(^|\/)(\.gitattributes|\.gitmodules|\.gitconfig|\.lfsconfig)$/i;
const installers =
  /(^|\/)(\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.[cm]?js|pnpmfile\.js|bunfig\.toml|\.yarn\/(plugins|releases)\/.+|pip\.conf|\.pypirc|\.cargo\/config(\.toml)?|binding\.gyp)$/i;

const kinds: readonly (readonly [pattern: RegExp, what: string])[] = [
  [ci, 'a CI configuration'],
  [hooks, 'a hook'],
  [git, 'a git configuration'],
  [installers, 'the configuration of an installer'],
];

/** What kind of automation the path is, null for none. */
function automationOf(path: string): string | null {
  return kinds.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}

function pathFinding(file: ChangedFile): Finding[] {
  for (const path of [file.newPath, file.oldPath]) {
    const what = path === null ? null : automationOf(path);
    if (what === null) continue;
    const did = { A: 'adds', M: 'changes', D: 'deletes', T: 'changes the type of', R: 'moves' }[file.status];
    return [findingOf(ciAndHooks, `${did} ${what}`, { path })];
  }
  return [];
}

function examine(facts: FileFacts): readonly Finding[] {
  const byPath = pathFinding(facts.file);
  if (byPath.length > 0) return byPath;
  const path = pathOf(facts.file);
  return [...manifestChanges(facts), ...buildFileChanges(facts)].map(({ message, line }) =>
    findingOf(ciAndHooks, message, { path, line }),
  );
}

/**
 * D12: what runs by itself, on a developer's machine or in CI. Known places by path; package manifests, Makefiles and
 * Python's and Rust's build files by what the change does to their commands. Sees nothing in a script that such a
 * command merely calls.
 */
export const ciAndHooks: TamperRule = {
  id: 'D12',
  clause: 'constitution §3 part 6, D12',
  severity: 'block',
  why: 'commands that run by themselves decide what is checked and run with the rights of whoever installs or merges.',
  mend: 'take this out of the change; a human changes commands, hooks and CI in a governance commit of its own.',
  examineFile: examine,
};
