import { defineConfig } from 'vitest/config';

// `crash` has a run of its own (npm run crash): it wants the machine for itself, with fsync on. `source` are the tests
// beside the source but those of gates, which run the npm that lies beside node. The lanes install what they test outside
// of the tree, and run it by name (npm run agents:lane, npm run llama:lane).
const suite = process.env['ARBITER_SUITE'] ?? 'all';
const isCrash = suite === 'crash';

// Tests that change the process they run in (its environment, its folder): each file has one for itself. All others share
// a worker's modules, which are then loaded once and not once a file: that was half the time of a whole run.
const changesProcess = [
  'src/adapters/gates/dependencies.test.ts',
  'test/contract/sandbox.test.ts',
  'test/contract/room-relay.test.ts',
  'test/contract/room.test.ts',
  'test/attacks/workers-host.test.ts',
  'test/attacks/gates-runner.test.ts',
];
// What `--exclude` of the command line says reaches no project by itself: a run that leaves out `test/**` would run it all.
const leftOut = process.argv.flatMap((_, at, words) => (words[at - 1] === '--exclude' ? (words[at] ?? []) : []));
const never = ['dist/**', 'bin/**', 'node_modules/**', 'test/crash/**', ...leftOut];

const inShared = { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], exclude: [...never, ...changesProcess] };
const beside = { include: ['src/**/*.test.ts'], exclude: [...never, 'src/adapters/gates/**'] };

const suites = {
  all: [
    { extends: true as const, test: { name: 'shared', isolate: false, ...inShared } },
    { extends: true as const, test: { name: 'alone', include: changesProcess, exclude: never } },
  ],
  source: [{ extends: true as const, test: { name: 'source', isolate: false, ...beside } }],
  crash: [{ extends: true as const, test: { name: 'crash', include: ['test/crash/**/*.test.ts'] } }],
};

/** @throws when ARBITER_SUITE names none */
function projectsOf(name: string) {
  if (name === 'all' || name === 'source' || name === 'crash') return suites[name];
  throw new Error(`ARBITER_SUITE is ${name}: it can be all, source or crash`);
}

export default defineConfig({
  test: {
    projects: projectsOf(suite),
    globalSetup: suite === 'source' ? [] : ['test/built-program.ts'],
    testTimeout: 90_000,
    hookTimeout: 120_000,
    fileParallelism: !isCrash,
    // Many of them wait for processes: on two cores vitest would take one file at a time.
    maxWorkers: isCrash ? 1 : 2,
    reporters: ['default', 'json'],
    outputFile: { json: process.env['ARBITER_TEST_REPORT'] ?? (isCrash ? '.ci/out/crash.json' : '.ci/out/tests.json') },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/**/*.d.ts', 'src/main.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { 'src/core/**': { lines: 85 }, 'src/app/**': { lines: 85 } },
    },
  },
});
