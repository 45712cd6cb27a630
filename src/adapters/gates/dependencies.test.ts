import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBubblewrapSandbox } from '../sandbox/index.js';
import { prepareDependencies } from './dependencies.js';
import type { Manifests } from './manifests.js';
import { makeTempFolder, removeTempFolder } from '../sandbox/temp-folder.js';
import { findToolchain, type Toolchain } from './toolchain.js';

const sandbox = createBubblewrapSandbox();
const probe = await sandbox.probe();
const run = it.skipIf(!probe.available);
const why = probe.available ? '' : ` (skipped: ${probe.detail})`;

let top = '';
let tarball: Buffer = Buffer.alloc(0);
let server: Server;
let port = 0;
let asked: string[] = [];
let toolchain: Toolchain;
let tempFolder = '';

/** A registry of one package, whose install script would leave a mark if it were run. */
beforeAll(async () => {
  top = mkdtempSync(join(tmpdir(), 'arbiter-registry-'));
  mkdirSync(join(top, 'package'));
  const manifest = {
    name: 'tiny',
    version: '1.0.0',
    scripts: { install: 'touch /workspace/ran', postinstall: 'touch ran' },
  };
  writeFileSync(join(top, 'package/package.json'), JSON.stringify(manifest));
  writeFileSync(join(top, 'package/index.js'), 'module.exports = 42;\n');
  execFileSync('tar', ['czf', 'tiny.tgz', 'package'], { cwd: top });
  tarball = readFileSync(join(top, 'tiny.tgz'));
  server = createServer((request, answer) => {
    asked.push(request.url ?? '');
    answer.end(request.url?.endsWith('.tgz') === true ? tarball : '{}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  process.env['npm_config_registry'] = `http://127.0.0.1:${port}/`;
  toolchain = await findToolchain([['npm']]);
  tempFolder = await makeTempFolder();
});
afterAll(async () => {
  delete process.env['npm_config_registry'];
  server.close();
  rmSync(top, { recursive: true, force: true });
  await removeTempFolder(tempFolder);
});

function manifests(resolved: string, more: Readonly<Record<string, string>> = {}): Manifests {
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const lock = {
    name: 'x',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'x', dependencies: { tiny: '1.0.0' } },
      'node_modules/tiny': { version: '1.0.0', resolved, integrity, hasInstallScript: true },
    },
  };
  const files = {
    'package-lock.json': JSON.stringify(lock),
    'package.json': JSON.stringify({
      name: 'x',
      dependencies: { tiny: '1.0.0' },
      scripts: { preinstall: 'touch ran' },
    }),
    ...more,
  };
  const bytes = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const);
  return { files: new Map(bytes), lock: 'npm', hasDependencies: true };
}

const prepare = (of: Manifests, cache = 'cache') =>
  prepareDependencies(of, { sandbox, toolchain, tempFolder, cacheFolder: join(top, cache), signal: undefined });

describe(`packages${why}`, () => {
  run('are installed from the lock file through the registry alone, without anyone’s scripts, once', async () => {
    const first = await prepare(manifests(`http://127.0.0.1:${port}/tiny/-/tiny-1.0.0.tgz`));
    if (first.state !== 'ready') throw new Error(JSON.stringify(first));
    expect(first.folders).toEqual(['node_modules']);
    expect(readFileSync(join(first.folder, 'node_modules/tiny/index.js'), 'utf8')).toContain('42');
    expect(existsSync(join(first.folder, 'ran'))).toBe(false);
    expect(existsSync(join(first.folder, 'node_modules/tiny/ran'))).toBe(false);
    expect(readdirSync(join(top, 'cache/dependencies'))).toEqual([first.key]);
    asked = [];
    expect(await prepare(manifests(`http://127.0.0.1:${port}/tiny/-/tiny-1.0.0.tgz`))).toEqual(first);
    expect(asked).toEqual([]);
  });

  run('of another host are refused, and the host is named', async () => {
    let reached = 0;
    const other = createServer((_, answer) => {
      reached += 1;
      answer.end(tarball);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const otherPort = typeof address === 'object' && address !== null ? address.port : 0;
    const failed = await prepare(manifests(`http://127.0.0.1:${otherPort}/tiny.tgz`), 'other');
    other.close();
    expect(failed).toMatchObject({ state: 'failed', reason: expect.stringContaining(`127.0.0.1:${otherPort}`) });
    expect(reached).toBe(0);
    expect(readdirSync(join(top, 'other/dependencies'))).toEqual([]);
  });

  run('have another key for another lock file, manifest or setting', async () => {
    const url = `http://127.0.0.1:${port}/tiny/-/tiny-1.0.0.tgz`;
    const keys = await Promise.all(
      [manifests(url), manifests(url, { '.npmrc': 'fund=false\n' }), manifests(url, { 'a/package.json': '{}' })].map(
        (one) => prepare(one),
      ),
    );
    expect(new Set(keys.map((one) => (one.state === 'ready' ? one.key : one.state))).size).toBe(3);
  });

  run('named without a lock file, or in one of a package manager that is not here, are not prepared', async () => {
    const none: Manifests = { files: new Map(), lock: null, hasDependencies: true };
    expect(await prepare(none)).toMatchObject({ state: 'failed', reason: expect.stringContaining('lock file') });
    expect(await prepare({ files: new Map(), lock: null, hasDependencies: false })).toEqual({ state: 'none' });
    const berry: Manifests = {
      files: new Map([['.yarnrc.yml', Buffer.from('')]]),
      lock: 'yarn',
      hasDependencies: true,
    };
    expect(await prepare(berry)).toMatchObject({ state: 'failed', reason: expect.stringMatching(/yarn/i) });
  });
});
