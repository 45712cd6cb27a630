import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Installs real agent programs outside of the tree, once for each set of versions, and drives them by test/agents against
// a scripted model: no network but the installation's. With `--install` it installs and says where. About 2 GB.

const root = fileURLToPath(new URL('..', import.meta.url));

/** Parts of the lane: each a prefix of its own, for the adapters of the protocol need a newer node beside them. */
const parts = {
  cli: ['@mariozechner/pi-coding-agent@0.73.1', 'opencode-ai@1.18.33', '@openai/codex@0.169.0'],
  acp: [
    '@agentclientprotocol/claude-agent-acp@0.100.0',
    '@agentclientprotocol/codex-acp@2.6.0',
    `node-${process.platform}-${process.arch}@24.21.0`,
  ],
} as const;
const programs = { cli: ['pi', 'opencode', 'codex'], acp: ['claude-agent-acp', 'codex-acp', 'node'] } as const;

const installMs = 240_000;
const testMs = 600_000;

function laneFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const digest = createHash('sha256')
    .update(JSON.stringify([parts, process.version]))
    .digest('hex')
    .slice(0, 12);
  return join(cache, 'arbiter', `agents-lane-${digest}`);
}

/** Installs into a folder that gets its name when all of it is there: half an installation is none. */
function install(lane: string): void {
  if (existsSync(join(lane, 'complete'))) return;
  const making = `${lane}.${process.pid}`;
  try {
    for (const [part, packages] of Object.entries(parts)) {
      const began = performance.now();
      const prefix = join(making, part);
      mkdirSync(prefix, { recursive: true });
      // Each program is run by the node beside it, whichever runs npm: its word on engines is not for this one.
      const options = ['--engine-strict=false', '--no-audit', '--no-fund', '--loglevel', 'error'];
      const argv = ['install', '--global', '--prefix', prefix, ...options, ...packages];
      const { status, error } = spawnSync('npm', argv, {
        cwd: prefix,
        stdio: ['ignore', 'inherit', 'inherit'],
        timeout: installMs,
      });
      if (status !== 0) throw new Error(`npm install of ${packages.join(' ')} failed`, { cause: error ?? status });
      console.log(`agents of ${part}: installed in ${Math.round((performance.now() - began) / 1000)} s`);
    }
    for (const [part, names] of Object.entries(programs))
      for (const name of names)
        if (!existsSync(join(making, part, 'bin', name))) throw new Error(`${name} was not installed`);
    writeFileSync(join(making, 'complete'), '');
    rmSync(lane, { recursive: true, force: true });
    renameSync(making, lane);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

const lane = laneFolder();
install(lane);
if (process.argv.includes('--install')) console.log(lane);
else {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  // One file after the other: tests look for processes of the lane that are left.
  const argv = [vitest, 'run', 'test/agents', '--no-file-parallelism'];
  const { status } = spawnSync(process.execPath, argv, {
    cwd: root,
    env: {
      ...process.env,
      ARBITER_AGENTS_LANE: lane,
      ARBITER_TEST_REPORT: process.env['ARBITER_TEST_REPORT'] ?? '.ci/out/agents-lane.json',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: testMs,
  });
  process.exitCode = status === 0 ? 0 : 1;
}
