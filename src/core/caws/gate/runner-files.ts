import picomatch from 'picomatch';

// Files that say what is run and how, rather than what the product is (constitution §4 rule 1).
const anywhere = [
  'vitest.config.*',
  'vitest.workspace.*',
  'vitest.projects.*',
  'vite.config.*',
  'jest.config.*',
  'jest.preset.*',
  '.mocharc*',
  'playwright.config.*',
  'cypress.config.*',
  'karma.conf.*',
  'ava.config.*',
  'wdio.conf.*',
  '.taprc',
  'babel.config.*',
  '.babelrc*',
  '.swcrc',
  'tsconfig*.json',
  'jsconfig.json',
  '.c8rc*',
  '.nycrc*',
  'nyc.config.*',
  'stryker.conf.*',
  'stryker.config.*',
  '.stryker*',
  '.eslintrc*',
  'eslint.config.*',
  '.eslintignore',
  'biome.json*',
  '.oxlintrc*',
  'oxlint.config.*',
  '.npmrc',
  '.yarnrc*',
  '.pnpmfile.cjs',
  'pnpm-workspace.yaml',
  'lerna.json',
  'nx.json',
  'turbo.json',
  'bunfig.toml',
  'pytest.ini',
  '.pytest.ini',
  'tox.ini',
  'setup.cfg',
  'pyproject.toml',
  'noxfile.py',
  '.coveragerc',
  'mypy.ini',
  'ruff.toml',
  '.ruff.toml',
  '.flake8',
  'sitecustomize.py',
  'usercustomize.py',
  'Makefile',
  'makefile',
  'GNUmakefile',
  'justfile',
  'Taskfile.y*ml',
  'gulpfile.*',
  'Gruntfile.*',
  'lage.config.*',
  'go.work',
].map((name) => `**/${name}`);
const atTheTop = ['conftest.py', '.env', '.env.test*', '.cargo/config*', 'clippy.toml', '.golangci.y*ml'];
const lockFiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];

const isRunnerPath = picomatch([...anywhere, ...atTheTop], { dot: true });
const isLockPath = picomatch(
  lockFiles.map((name) => `**/${name}`),
  { dot: true },
);

/** True for configuration of runners and tools, which gates take from the base. `package.json` is no such file. */
export function isRunnerFile(path: string): boolean {
  return isRunnerPath(path);
}

/** True for lock files, which gates take from the base unless dependencies are admitted. */
export function isLockFile(path: string): boolean {
  return isLockPath(path);
}

/** True for a manifest, part of which gates take from the base. */
export function isManifest(path: string): boolean {
  return path === 'package.json' || path.endsWith('/package.json');
}

const runnerKeys = [
  'scripts',
  'ava',
  'babel',
  'browserslist',
  'c8',
  'config',
  'cypress',
  'eslintConfig',
  'eslintIgnore',
  'jest',
  'mocha',
  'nx',
  'nyc',
  'packageManager',
  'playwright',
  'prettier',
  'stryker',
  'tap',
  'vitest',
  'wireit',
  'workspaces',
];
const dependencyKeys = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'bundleDependencies',
  'bundledDependencies',
  'overrides',
  'resolutions',
  'pnpm',
  'engines',
];

/**
 * The candidate's manifest with everything of the base in it that says what is run: scripts and the settings of
 * runners, and the dependencies unless they are admitted. A text that is no JSON object gives the base's manifest.
 * Equal parts give the candidate's own text.
 */
export function mendManifest(
  base: string,
  candidate: string,
  options: { dependenciesAdmitted: boolean },
): { readonly text: string; readonly replaced: readonly string[] } {
  const from = objectOf(base);
  const into = objectOf(candidate);
  if (from === null || into === null) return { text: base, replaced: base === candidate ? [] : ['(whole file)'] };
  const keys = options.dependenciesAdmitted ? runnerKeys : [...runnerKeys, ...dependencyKeys];
  const replaced = keys.filter((key) => JSON.stringify(from[key]) !== JSON.stringify(into[key]));
  if (replaced.length === 0) return { text: candidate, replaced };
  const mended: Record<string, unknown> = { ...into };
  for (const key of replaced) {
    if (from[key] === undefined) delete mended[key];
    else mended[key] = from[key];
  }
  return { text: `${JSON.stringify(mended, null, 2)}\n`, replaced };
}

function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    // Broken JSON is the product's own trouble; the base's manifest then stands for it.
    return null;
  }
}
