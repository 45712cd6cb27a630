import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Mount } from '../../ports/sandbox.js';
import { findProgram, installationOf } from '../sandbox/host-tools.js';

/** The programs of the host that gates may use, and where they are. */
export interface Toolchain {
  readonly path: string;
  readonly mounts: readonly Mount[];
  /** SHA-256 over the versions found; equal toolchains of two machines give equal digests. */
  readonly sha256: string;
  /** Name and version of each tool found, such as `node v20.20.2`. */
  readonly versions: readonly string[];
}

const commonTools = ['npm', 'npx', 'pnpm', 'yarn', 'git', 'make', 'go', 'cargo', 'rustc', 'java', 'mvn', 'gradle'];
const systemPath = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];

// Asked once a process: the answer does not change, and an interpreter is slow to start.
let python: Promise<Python | null> | null = null;

/**
 * Finds the tools that the gates' commands name and the common ones. Node is the one that runs us; Python is the
 * interpreter behind whatever shim a version manager puts in the way.
 */
export async function findToolchain(commands: readonly (readonly string[])[]): Promise<Toolchain> {
  python ??= findPython();
  const found = await python;
  const named = commands.map((command) => command[0] ?? '').filter((name) => name !== '' && !name.includes('/'));
  const programs = [...new Set([...named, ...commonTools])]
    .sort()
    .map((name) => findProgram(name))
    .filter((program) => program !== null)
    .filter((program) => basename(dirname(program)) !== 'shims');
  // Python first: our node may live in a system folder that holds another Python.
  const folders = [...(found?.folders ?? []), dirname(process.execPath), ...programs.map(dirname)];
  const shown = [...programs.map(installationOf), ...(found?.prefixes ?? [])].filter((path) => path !== null);
  const versions = [
    `node ${process.version}`,
    ...(found === null ? [] : found.versions),
    ...npmVersion(),
    ...goVersion(),
  ];
  const hash = createHash('sha256').update(JSON.stringify([platform(), arch(), versions]));
  return {
    path: [...new Set([...folders, ...systemPath])].join(':'),
    mounts: [...new Set(shown)].sort().map((path) => ({ from: path, to: path })),
    sha256: hash.digest('hex'),
    versions,
  };
}

interface Python {
  readonly folders: readonly string[];
  readonly prefixes: readonly string[];
  readonly versions: readonly string[];
}

const askPython =
  'import sys, sysconfig, platform; print("\\n".join([sys.executable, sys.prefix, sys.base_prefix, platform.python_version(), sysconfig.get_path("purelib")]))';

async function findPython(): Promise<Python | null> {
  const program = findProgram('python3');
  if (program === null) return null;
  try {
    // Isolated (-I) and away from any repository: nothing of the change can have a say in it.
    const { stdout } = await promisify(execFile)(program, ['-I', '-c', askPython], { cwd: '/', timeout: 20_000 });
    const [executable = '', prefix = '', basePrefix = '', version = '', packages = ''] = stdout.trim().split('\n');
    const prefixes = [...new Set([prefix, basePrefix])].filter((path) => !path.startsWith('/usr') && existsSync(path));
    return {
      folders: [dirname(executable), join(prefix, 'bin')],
      prefixes,
      versions: [`python ${version}`, ...installedPackages(packages)],
    };
  } catch {
    // A shim without a Python behind it: gates that need Python will say so themselves.
    return null;
  }
}

/** Python's packages come from the interpreter's own folder, so they are part of the toolchain. */
function installedPackages(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.dist-info'))
    .map((name) => `python package ${name.slice(0, -'.dist-info'.length)}`)
    .sort();
}

/** Read from npm's own manifest: starting npm for it takes longer than many a gate. */
function npmVersion(): readonly string[] {
  const program = findProgram('npm');
  if (program === null) return [];
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(dirname(realpathSync(program)), '../package.json'), 'utf8'));
    const version: unknown =
      typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : null;
    return typeof version === 'string' ? [`npm ${version}`] : [];
  } catch {
    // An npm laid out in another way works as well; its version is then not part of the digest.
    return [];
  }
}

/** Read from the VERSION file of Go's own folder, in the first line of which newer ones keep it. */
function goVersion(): readonly string[] {
  const program = findProgram('go');
  if (program === null) return [];
  const file = join(dirname(realpathSync(program)), '../VERSION');
  // A Go laid out in another way works as well; its version is then not part of the digest.
  return existsSync(file) ? [(readFileSync(file, 'utf8').split('\n', 1)[0] ?? '').replace(/^go/, 'go ')] : [];
}
