import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { llamaVersion } from '../src/adapters/workers/llama/load-runtime.js';

// Installs node-llama-cpp into a folder outside of the tree and runs the tests that need it there. The folder is removed
// afterwards; one that ARBITER_LLAMA_FOLDER names is installed into when it is empty, and kept.
const root = fileURLToPath(new URL('..', import.meta.url));
const own = process.env['ARBITER_LLAMA_FOLDER'];
const folder = own ?? mkdtempSync(join(tmpdir(), 'arbiter-llama-lane-'));
const system = process.platform === 'darwin' ? 'mac' : process.platform;
const packages = [`node-llama-cpp@${llamaVersion}`, `@node-llama-cpp/${system}-${process.arch}@${llamaVersion}`];
const flags = ['--no-save', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--prefix', folder];

try {
  timed('install', 'npm', ['install', ...flags, ...packages], folder, 300_000);
  timed('tests', 'npx', ['vitest', 'run', 'test/models/llama.test.ts'], root, 300_000);
} finally {
  if (own === undefined) rmSync(folder, { recursive: true, force: true });
}

function timed(what: string, program: string, argv: readonly string[], cwd: string, timeoutMs: number): void {
  if (process.exitCode !== undefined && process.exitCode !== 0) return;
  const startedMs = performance.now();
  // A report of its own: the one of all tests is what .ci/run counts.
  const report = process.env['ARBITER_TEST_REPORT'] ?? '.ci/out/llama-lane.json';
  const env = { ...process.env, ARBITER_LLAMA_FOLDER: folder, ARBITER_TEST_REPORT: report };
  const run = spawnSync(program, argv, { cwd, env, stdio: 'inherit', timeout: timeoutMs });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${what}: ${run.status === 0 ? 'done' : `failed (${run.signal ?? run.status})`} in ${seconds} s`);
  if (run.status !== 0) process.exitCode = 1;
}
