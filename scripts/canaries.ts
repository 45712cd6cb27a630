import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Canary, canaries, checks } from './canary-list.js';

// A checker is trusted only with its canary: in a copy of this tree each check must first be green, then turn red, for
// the reason that was planted and no other. Exit 1 when a check stays green over a planted fault.

const root = fileURLToPath(new URL('..', import.meta.url));
const copied = ['src', 'test', 'scripts', 'bench', 'examples', 'docs', 'schemas', 'README.md', 'package.json'];
const settings = [
  'package-lock.json',
  '.oxlintrc.json',
  '.oxfmtrc.json',
  '.knip.json',
  '.gitignore',
  'vitest.config.ts',
];
const projects = ['tsconfig.json', 'tsconfig.base.json', 'tsconfig.test.json'];

function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'arbiter-canaries-'));
  for (const name of [...copied, ...settings, ...projects]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

interface Answer {
  readonly status: number | null;
  readonly output: string;
}

function ask(copy: string, check: keyof typeof checks): Answer {
  const { status, stdout, stderr } = spawnSync(process.execPath, checks[check], {
    cwd: copy,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, output: `${stdout}\n${stderr}` };
}

/** What is wrong with the check, or null when it turned red for the planted reason. */
function judge({ status, output }: Answer, reason: RegExp): string | null {
  if (status === null) return 'did not end in time';
  if (status === 0) return 'stayed green';
  return reason.test(output) ? null : `red, but not for the planted reason:\n${output.slice(0, 2_000)}`;
}

function runCanary(copy: string, canary: Canary): string[] {
  const planted = Object.entries(canary.plant);
  for (const [path, text] of planted) {
    if (existsSync(join(copy, path))) throw new Error(`${path} is there already: plant elsewhere`);
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  try {
    return canary.red.flatMap(([check, reason]) => {
      const fault = judge(ask(copy, check), reason);
      console.log(`${fault === null ? 'red, as it should be' : 'NOT RED'}  ${check}: ${canary.name}`);
      return fault === null ? [] : [`${check}: ${canary.name}: ${fault}`];
    });
  } finally {
    for (const [path] of planted) rmSync(join(copy, path));
  }
}

function proveGreen(copy: string): string[] {
  const used = new Set(canaries.flatMap((canary) => canary.red.map(([check]) => check)));
  return [...used].flatMap((check) => {
    if (check === 'coverage' || check === 'vitest') return [];
    const { status, output } = ask(copy, check);
    console.log(`${status === 0 ? 'green' : 'NOT GREEN'}  ${check}: nothing planted`);
    return status === 0 ? [] : [`${check} is red with nothing planted:\n${output.slice(0, 2_000)}`];
  });
}

const copy = copyTree();
try {
  const faults = [...proveGreen(copy), ...canaries.flatMap((canary) => runCanary(copy, canary))];
  for (const fault of faults) console.error(`\n${fault}`);
  console.log(`\n${canaries.length} canaries, ${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
