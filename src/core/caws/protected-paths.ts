import { foldName } from './lexical-path.js';
import { compilePatterns } from './scope-pattern.js';

/**
 * Paths that no worker may touch, in any repository (constitution §3 part 3): the constitution itself, CI, hooks and
 * attributes of git, code ownership, instructions to agents, key material. `.caws/arbiter.yaml` may add, never remove.
 */
export const protectedPatterns: readonly string[] = [
  '.caws',
  '.github/workflows',
  '.github/actions',
  '{.github/,docs/,}codeowners',
  '.gitlab-ci.{yml,yaml}',
  '.gitlab/ci',
  '.circleci',
  '.buildkite',
  '.travis.yml',
  '.drone.yml',
  'azure-pipelines.{yml,yaml}',
  'bitbucket-pipelines.{yml,yaml}',
  '**/jenkinsfile',
  '.ci',
  '.husky',
  '.githooks',
  'lefthook.{yml,yaml,toml,json}',
  '.lefthook.{yml,yaml,toml,json}',
  '.pre-commit-config.{yml,yaml}',
  '**/.gitattributes',
  '.gitmodules',
  '**/{agents,claude,gemini,agent}.md',
  '**/claude.local.md',
  '{.claude,.codex,.cursor,.gemini,.opencode,.windsurf,.aider,.qwen,.roo,.clinerules,.continue,.amazonq}',
  '{.claude,.codex,.cursor,.gemini,.opencode,.windsurf,.aider,.qwen,.roo,.clinerules,.continue,.amazonq}/**',
  '.{cursorrules,windsurfrules,clinerules,mcp.json}',
  '.aider.conf.yml',
  '.github/{copilot-instructions.md,instructions/**,prompts/**,agents/**,chatmodes/**}',
  '**/allowed_signers',
  '**/id_{rsa,dsa,ecdsa,ed25519}{,.pub}',
];

/** A test for protected paths: the built-in patterns and `more`, without regard to case or invisible characters. */
export function compileProtectedPaths(more: readonly string[] = []): (path: string) => boolean {
  const matches = compilePatterns([...protectedPatterns, ...more.map((entry) => entry.toLowerCase())]);
  return (path) => matches(path.split('/').map(foldName).join('/'));
}
