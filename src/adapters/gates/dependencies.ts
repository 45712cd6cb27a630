import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Mount, Sandbox, SandboxedRun } from '../../ports/sandbox.js';
import { installCommand } from './install-command.js';
import type { Manifests } from './manifests.js';
import { readRegistry, type Registry } from './registry.js';
import { type RegistryProxy, serveRegistryProxy } from './registry-proxy.js';
import { relayPort, relayProgram } from './registry-relay.js';
import { removeTempFolder } from '../sandbox/temp-folder.js';
import type { Toolchain } from './toolchain.js';
import { writeInside } from './untrusted-tree.js';
import { npmSaid } from './npm-said.js';

/** Installed packages of a tree, or why there are none. */
export type Prepared =
  | { readonly state: 'none' }
  | {
      readonly state: 'ready';
      readonly folder: string;
      readonly key: string;
      /** Each `node_modules` folder, relative to the top. */
      readonly folders: readonly string[];
      /** Folders in them that tools write to: each run gets empty ones. */
      readonly scratch: readonly string[];
    }
  | { readonly state: 'failed'; readonly reason: string };

const scratchNames = ['.cache', '.vite', '.vite-temp', '.vitest'];
const listFile = 'folders.json';

export interface DependencyTools {
  readonly sandbox: Sandbox;
  readonly toolchain: Toolchain;
  readonly tempFolder: string;
  readonly cacheFolder: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Installs what the lock file names, once per digest of (lock file, manifests, package manager settings, toolchain),
 * without running anyone's scripts, in a sandbox from which only the package registry can be reached. The result is put
 * into the cache by a rename, whole or not at all.
 */
export async function prepareDependencies(manifests: Manifests, tools: DependencyTools): Promise<Prepared> {
  if (!manifests.hasDependencies) return { state: 'none' };
  if (manifests.lock === null) {
    return {
      state: 'failed',
      reason: 'package.json names packages but there is no lock file: commit one (npm install --package-lock-only)',
    };
  }
  const key = keyOf(manifests, tools.toolchain);
  const folder = join(tools.cacheFolder, 'dependencies', key);
  const cached = await readCached(folder, key);
  return cached ?? (await install(manifests, manifests.lock, tools, folder, key));
}

function keyOf(manifests: Manifests, toolchain: Toolchain): string {
  const hash = createHash('sha256').update(toolchain.sha256);
  for (const [path, bytes] of manifests.files) hash.update(`\0${path}\0${bytes.length}\0`).update(bytes);
  return hash.digest('hex');
}

async function readCached(folder: string, key: string): Promise<Prepared | null> {
  const text = await readFile(join(folder, listFile), 'utf8').catch(() => null);
  if (text === null) return null;
  const folders: unknown = JSON.parse(text);
  if (!Array.isArray(folders)) return null;
  const names = folders.filter((entry) => typeof entry === 'string');
  return { state: 'ready', folder, key, folders: names, scratch: scratchOf(names) };
}

async function install(
  manifests: Manifests,
  lock: 'npm' | 'pnpm' | 'yarn',
  tools: DependencyTools,
  folder: string,
  key: string,
): Promise<Prepared> {
  const registry = await readRegistry();
  const command = installCommand(lock, manifests);
  if (registry === null) return { state: 'failed', reason: 'packages cannot be installed: npm is not on the PATH' };
  if (command.state === 'missing') return { state: 'failed', reason: command.reason };
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  // Beside its later place, so that the rename stays on one file system.
  const making = await mkdtemp(join(dirname(folder), 'making-'));
  try {
    const tree = join(making, 'tree');
    await mkdir(tree);
    for (const [path, bytes] of manifests.files) await writeInside(tree, path, bytes);
    const { run, refused } = await runInstall(tree, command.argv, registry, tools);
    if (run.ended !== 'exited' || run.exit !== 0) return { state: 'failed', reason: failureOf(run, refused) };
    const folders = await findModuleFolders(tree, '');
    for (const path of scratchOf(folders)) await mkdir(join(tree, path), { recursive: true });
    await writeFile(join(tree, listFile), JSON.stringify(folders));
    await rename(tree, folder).catch(async (error: unknown) => {
      // Another Arbiter was faster; what it made is as good.
      if ((await readCached(folder, key)) === null) throw error;
    });
    return { state: 'ready', folder, key, folders, scratch: scratchOf(folders) };
  } finally {
    await removeTempFolder(making);
  }
}

async function runInstall(
  tree: string,
  argv: readonly string[],
  registry: Registry,
  tools: DependencyTools,
): Promise<{ run: SandboxedRun; refused: RegistryProxy['refused'] }> {
  const hides = tools.sandbox.guarantees.hidesFiles;
  const plain = !tools.sandbox.guarantees.closesNetwork;
  const work = await mkdtemp(join(tools.tempFolder, 'install-'));
  const cache = join(tools.cacheFolder, 'npm');
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const userConfig = join(work, 'npmrc');
  await writeFile(
    userConfig,
    `${Object.entries(registry.urls)
      .map(([name, url]) => `${name}=${url}`)
      .join('\n')}\n`,
  );
  const proxy = await serveRegistryProxy(join(work, 'proxy'), registry.hosts, registry.upstream);
  const inside = (path: string, name: string): string => (hides ? name : path);
  const mount = (from: string, name: string): Mount => ({ from, to: inside(from, name) });
  const certificates = registry.caFile === null ? [] : [mount(registry.caFile, '/run/arbiter-ca.pem')];
  try {
    const run = await tools.sandbox.run(
      {
        argv: plain
          ? argv
          : [process.execPath, '-e', relayProgram, inside(join(work, 'proxy'), '/run/arbiter/proxy'), ...argv],
        cwd: inside(tree, '/workspace'),
        env: {
          PATH: tools.toolchain.path,
          ...(plain
            ? {}
            : { HTTPS_PROXY: `http://127.0.0.1:${relayPort}`, HTTP_PROXY: `http://127.0.0.1:${relayPort}` }),
          ...(certificates.length > 0
            ? { NODE_EXTRA_CA_CERTS: certificates[0]?.to ?? '', npm_config_cafile: certificates[0]?.to ?? '' }
            : {}),
          npm_config_userconfig: join(inside(work, '/run/arbiter'), 'npmrc'),
          npm_config_cache: inside(cache, '/var/cache/npm'),
          npm_config_store_dir: inside(join(cache, 'pnpm'), '/var/cache/npm/pnpm'),
          YARN_CACHE_FOLDER: inside(join(cache, 'yarn'), '/var/cache/npm/yarn'),
          npm_config_update_notifier: 'false',
          CI: 'true',
          TZ: 'UTC',
        },
        readOnly: [...(hides ? tools.toolchain.mounts : []), mount(work, '/run/arbiter'), ...certificates],
        writable: [mount(tree, '/workspace'), mount(cache, '/var/cache/npm')],
        scratch: [],
        limits: {
          timeoutMs: 600_000,
          memoryMb: 4096,
          maxProcesses: 256,
          maxOutputBytes: 16 * 1024 * 1024,
          maxFileBytes: 4 * 1024 * 1024 * 1024,
          maxWrittenBytes: 16 * 1024 * 1024 * 1024,
        },
      },
      tools.signal,
    );
    return { run, refused: proxy.refused };
  } finally {
    await proxy.close();
  }
}

function failureOf(run: SandboxedRun, refused: readonly string[]): string {
  const said = npmSaid(Buffer.from(run.stderr.length > 0 ? run.stderr : run.stdout).toString('utf8'));
  const hosts = [...new Set(refused)].sort();
  const outside = hosts.length === 0 ? '' : `; refused: ${hosts.join(', ')} (only the package registry can be reached)`;
  return `packages could not be installed (${run.exit === null ? run.ended : `exit ${run.exit}`})${outside}: ${said}`;
}

/** `node_modules` folders outside of one another, sorted. */
async function findModuleFolders(root: string, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  for (const entry of entries.filter((one) => one.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.name === 'node_modules') found.push(path);
    else found.push(...(await findModuleFolders(root, path)));
  }
  return found;
}

function scratchOf(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => scratchNames.map((name) => `${folder}/${name}`));
}

/** Where Arbiter keeps what can be made again: `$XDG_CACHE_HOME/arbiter`, else `~/.cache/arbiter`. */
export function defaultCacheFolder(): string {
  const wanted = process.env['XDG_CACHE_HOME'];
  const folder = wanted !== undefined && wanted.startsWith('/') ? wanted : join(homedir(), '.cache');
  return join(folder, 'arbiter');
}
