import { describe, expect, it } from 'vitest';
import { compileProtectedPaths } from './protected-paths.js';

describe('compileProtectedPaths', () => {
  const isProtected = compileProtectedPaths(['Billing/**']);

  it.each([
    '.caws/policy.yaml',
    '.CAWS/specs/A-1.yaml',
    '.github/workflows/ci.yml',
    '.github/CODEOWNERS',
    'CODEOWNERS',
    '.gitlab-ci.yml',
    'ops/Jenkinsfile',
    '.ci/run',
    '.husky/pre-commit',
    '.githooks/x',
    'lefthook.yml',
    '.gitattributes',
    'src/.gitattributes',
    '.gitmodules',
    'AGENTS.md',
    'packages/a/CLAUDE.md',
    '.claude/settings.json',
    '.cursor/rules/a.mdc',
    '.cursorrules',
    '.github/copilot-instructions.md',
    'keys/allowed_signers',
    'deploy/id_ed25519',
    'billing/rates.js',
  ])('protects %s', (path) => expect(isProtected(path)).toBe(true));

  it.each([
    'src/caws.ts',
    '.github/ISSUE_TEMPLATE/bug.md',
    'docs/agents-guide.md',
    'src/claude.ts',
    'lib/ci/run.ts',
    '.gitignore',
    'src/workflows/a.ts',
    'README.md',
  ])('leaves %s alone', (path) => expect(isProtected(path)).toBe(false));
});
