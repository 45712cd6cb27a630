import { defineConfig } from 'vitest/config';

// The crash suite has a run of its own (npm run crash): it wants the machine for itself, with fsync on. The lanes install
// what they test outside of the tree, and run it by name (npm run agents:lane, npm run llama:lane).
const isCrash = process.env['ARBITER_SUITE'] === 'crash';

export default defineConfig({
  test: {
    include: isCrash ? ['test/crash/**/*.test.ts'] : ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['dist/**', 'node_modules/**', ...(isCrash ? [] : ['test/crash/**'])],
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
