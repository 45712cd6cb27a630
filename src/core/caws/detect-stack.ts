import { z } from 'zod';
import type { GateConfig } from './arbiter-config.js';

/** A gate as `arbiter init` proposes it: only what differs from the defaults. */
export type ProposedGate = Pick<GateConfig, 'kind' | 'command'> & {
  readonly reports?: readonly { readonly format: GateConfig['reports'][number]['format']; readonly path?: string }[];
  readonly memoryMb?: number;
  readonly timeoutSeconds?: number;
};

/** What was found in a repository, and the gates that fit it. `missing` says what would make them stronger. */
export interface Stack {
  readonly name: string;
  readonly gates: Readonly<Record<string, ProposedGate>>;
  readonly missing: readonly string[];
}

/** What the detection may look at: file names at the root, and the texts of manifests. */
export interface RootFacts {
  readonly names: readonly string[];
  readonly packageJson: string | null;
  readonly pyproject: string | null;
  /** Texts of requirements*.txt, setup.cfg and tox.ini, joined. */
  readonly requirements?: string;
  readonly makefile: string | null;
}

const packageSchema = z.object({
  scripts: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});

/** Finds the stack by its own files, in order of certainty; null when nothing is recognised. Never runs anything. */
export function detectStack(facts: RootFacts): Stack | null {
  if (facts.packageJson !== null) return detectNode(facts.packageJson, facts.names);
  if (facts.pyproject !== null || pythonFiles.some((name) => facts.names.includes(name)))
    return pytest(`${facts.pyproject ?? ''}\n${facts.requirements ?? ''}`);
  if (facts.names.includes('go.mod')) return go;
  if (facts.names.includes('Cargo.toml')) return cargo;
  return /^test:/m.test(facts.makefile ?? '') ? make : null;
}

const pythonFiles = ['pytest.ini', 'setup.py', 'setup.cfg', 'tox.ini'];

function detectNode(text: string, names: readonly string[]): Stack {
  const manifest = packageSchema.parse(JSON.parse(text));
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  const stack = nodeRunner(manifest.scripts['test'] ?? '', all, names);
  const gates: Record<string, ProposedGate> = { ...stack.gates };
  if ('typescript' in all && names.includes('tsconfig.json')) {
    gates['build'] = { kind: 'build', command: ['node_modules/.bin/tsc', '--noEmit', '-p', '.'] };
  }
  if ('eslint' in all) gates['lint'] = { kind: 'lint', command: ['node_modules/.bin/eslint', '.'] };
  if ('@stryker-mutator/core' in all) {
    gates['mutation'] = {
      kind: 'mutation',
      command: ['node_modules/.bin/stryker', 'run', '--reporters', 'json'],
      reports: [{ format: 'mutation', path: 'reports/mutation/mutation.json' }],
      timeoutSeconds: 3600,
    };
  }
  return { ...stack, gates };
}

function nodeRunner(script: string, all: Readonly<Record<string, string>>, names: readonly string[]): Stack {
  if ('vitest' in all || /\bvitest\b/.test(script))
    return vitest('@vitest/coverage-v8' in all || '@vitest/coverage-istanbul' in all);
  if ('jest' in all || /\bjest\b/.test(script) || names.some((name) => name.startsWith('jest.config.')))
    return jest('jest-junit' in all);
  return nodeTest(script);
}

function nodeTest(script: string): Stack {
  // Files named in the script stay named: `node --test test/` and `node --test` differ.
  const words = /(?:^|\s)node\s+(.*--test\b.*)$/.exec(script)?.[1]?.split(/\s+/) ?? [];
  const where = words.filter((word) => !word.startsWith('-'));
  const imports = words.filter((word) => /^--(import|require|loader|experimental-strip-types)\b/.test(word));
  const reporter = (format: string, report: string): string[] => [
    `--test-reporter=${format}`,
    `--test-reporter-destination={report:${report}}`,
  ];
  return {
    name: 'node:test',
    gates: {
      tests: {
        kind: 'tests',
        command: ['node', ...imports, '--test', ...reporter('junit', 'junit'), ...where],
        reports: [{ format: 'junit' }],
      },
      coverage: {
        kind: 'coverage',
        command: ['node', ...imports, '--test', '--experimental-test-coverage', ...reporter('lcov', 'lcov'), ...where],
        reports: [{ format: 'lcov' }],
      },
    },
    missing: script.includes('--test')
      ? []
      : ['package.json has no test script that runs node --test: check the commands'],
  };
}

const coverageGate =
  'then add a coverage gate (remove .caws/arbiter.yaml and run arbiter init again): until then every change needs a waiver, since each tier asks for branch coverage';

function vitest(hasCoverage: boolean): Stack {
  const tests: ProposedGate = {
    kind: 'tests',
    command: ['node_modules/.bin/vitest', 'run', '--reporter=junit', '--outputFile={report:junit}'],
    reports: [{ format: 'junit' }],
  };
  const coverage: ProposedGate = {
    kind: 'coverage',
    command: [
      'node_modules/.bin/vitest',
      'run',
      '--coverage.enabled',
      '--coverage.reporter=lcovonly',
      '--coverage.reportsDirectory=coverage',
    ],
    reports: [{ format: 'lcov', path: 'coverage/lcov.info' }],
  };
  return {
    name: 'vitest',
    gates: hasCoverage ? { tests, coverage } : { tests },
    missing: hasCoverage ? [] : [`install @vitest/coverage-v8, ${coverageGate}`],
  };
}

function jest(hasJunit: boolean): Stack {
  const coverage: ProposedGate = {
    kind: 'coverage',
    command: [
      'node_modules/.bin/jest',
      '--ci',
      '--coverage',
      '--coverageReporters=json',
      '--coverageDirectory=coverage',
    ],
    reports: [{ format: 'istanbul', path: 'coverage/coverage-final.json' }],
  };
  const tests: ProposedGate = {
    kind: 'tests',
    command: ['node_modules/.bin/jest', '--ci', '--reporters=jest-junit'],
    reports: [{ format: 'junit', path: 'junit.xml' }],
  };
  return {
    name: 'jest',
    gates: { tests, coverage },
    missing: hasJunit ? [] : ['install jest-junit: without it the tests gate has no report and fails'],
  };
}

function pytest(requirements: string): Stack {
  const hasCoverage = /pytest-cov/.test(requirements);
  const tests: ProposedGate = {
    kind: 'tests',
    command: ['python3', '-m', 'pytest', '-p', 'no:cacheprovider', '--junitxml={report:junit}'],
    reports: [{ format: 'junit' }],
  };
  const coverage: ProposedGate = {
    kind: 'coverage',
    command: [
      'python3',
      '-m',
      'pytest',
      '-p',
      'no:cacheprovider',
      '--cov',
      '--cov-branch',
      '--cov-report=xml:{report:cobertura}',
    ],
    reports: [{ format: 'cobertura' }],
  };
  return {
    name: 'pytest',
    gates: hasCoverage ? { tests, coverage } : { tests },
    missing: hasCoverage ? [] : [`install pytest-cov and name it among the requirements, ${coverageGate}`],
  };
}

const go: Stack = {
  name: 'go test',
  gates: {
    build: { kind: 'build', command: ['go', 'build', './...'] },
    tests: {
      kind: 'tests',
      command: ['gotestsum', '--junitfile={report:junit}', './...'],
      reports: [{ format: 'junit' }],
    },
  },
  missing: [
    'gotestsum must be installed (Debian: apt install gotestsum): it writes the JUnit report that go test does not',
    'modules that go.mod requires must be vendored (go mod vendor): gates have no network',
    'Go’s cover profile is not read: for a coverage gate, turn it into Cobertura (gocover-cobertura)',
  ],
};

const cargo: Stack = {
  name: 'cargo',
  gates: {
    build: { kind: 'build', command: ['cargo', 'build', '--offline', '--all-targets'] },
    tests: {
      kind: 'tests',
      command: ['cargo', 'nextest', 'run', '--offline', '--profile', 'ci'],
      reports: [{ format: 'junit', path: 'target/nextest/ci/junit.xml' }],
    },
  },
  missing: [
    'no failing test can be planted for cargo: its tests gate does not run, so no verdict can pass while it is mandatory',
    'cargo-nextest must be installed, with [profile.ci.junit] path = "junit.xml" in .config/nextest.toml',
  ],
};

const make: Stack = {
  name: 'make',
  gates: { tests: { kind: 'custom', command: ['make', 'test'] } },
  missing: [
    'until there is a tests gate every verdict is FAIL: have make test write a report (JUnit XML or CTRF), set kind: tests and name it under reports',
  ],
};
