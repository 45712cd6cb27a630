import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { init } from '../../src/app/init/init.js';
import { renderAllowedSigners } from '../../src/app/init/establish-keys.js';
import { installHook } from '../../src/app/hook/install.js';
import { publish, type PublishInput } from '../../src/app/adjudicate/publish/publish.js';
import { createMemoryLedger } from '../../src/adapters/memory/memory-ledger.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { recordBundle } from '../../src/app/verdict/record-bundle.js';
import { recordVerdict } from '../../src/app/verdict/record-verdict.js';
import { assembleVerdict } from '../../src/core/caws/verdict/assemble-verdict.js';
import { facts } from '../../src/core/caws/verdict/fixtures/matter.js';
import type { Verdict } from '../../src/core/caws/verdict/verdict.js';
import { digestBytes, digestText } from '../../src/core/digest.js';
import type { Ports } from '../../src/ports/ports.js';
import type { Signer } from '../../src/ports/signer.js';
import { main } from '../e2e/cli.js';
import { createWorld, type World } from '../e2e/world.js';

export interface GitRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A clone, the bare repository behind it with the server's hook, and the keys of everyone. */
export interface Ground {
  readonly world: World;
  readonly ports: Ports;
  readonly clone: string;
  readonly server: string;
  readonly base: string;
  readonly verdictKey: Signer;
  readonly publishKey: Signer;
  readonly humanKeyFile: string;
  git(...argv: string[]): GitRun;
  /** The output of git in the clone; throws when it fails. */
  ask(...argv: string[]): string;
  onServer(...argv: string[]): string;
  /** A change on a base as a signed verdict's folder; `edit` may make the verdict say something else. */
  judge(files: ChangedFiles, options?: JudgeOptions): Promise<string>;
  publish(target: string, more?: Partial<PublishInput>): ReturnType<typeof publish.run>;
  /** Puts the clone on a fresh branch at a commit and commits files there, signed when a key is named. */
  commit(message: string, files: ChangedFiles, options?: CommitOptions): string;
  close(): Promise<void>;
}

/** Contents by path; null: the file is gone. */
export type ChangedFiles = Readonly<Record<string, string | null>>;

export interface JudgeOptions {
  readonly base?: string;
  readonly edit?: (verdict: Verdict) => Verdict;
  readonly signer?: Signer | null;
  /** Whether the verdict is entered into the ground's ledger, and so has a bundle. */
  readonly logged?: boolean;
}

export interface CommitOptions {
  readonly on?: string;
  readonly key?: string;
}

const files = {
  'src/postage.js': 'export const postage = 1;\n',
  'package.json': '{"name":"product","private":true}\n',
};

/** One ground costs a second: a test file makes one, and resets the server between tests. */
export async function createGround(environment?: Readonly<Record<string, string>>): Promise<Ground> {
  const world = createWorld(environment);
  const ledger = createMemoryLedger();
  // With no environment of a store, publishing finds a store that is nothing but a ledger.
  const runtime = { ledger, close: () => Promise.resolve() } as unknown as OpenRuntime;
  const ports: Ports = {
    ...world.ports,
    program: { node: process.execPath, main },
    ...(environment === undefined ? { runtime: { ...world.ports.runtime, open: () => Promise.resolve(runtime) } } : {}),
  };
  const repository = await world.repository(files);
  const clone = repository.directory;
  await init.run(ports, { repository: clone }, world.context);
  const keyFolder = join(ports.places.configHome, 'keys');
  const load = async (name: string): Promise<Signer> =>
    (await ports.keyring.loadSigner(join(keyFolder, name), clone)).signer;
  const [root, verdictKey, publishKey] = [await load('root'), await load('verdict'), await load('publish')];
  const humanKeyFile = join(world.home, 'ada');
  const human = await ports.keyring.createKey(humanKeyFile, 'ada', clone);
  const logSigner = await load('log');
  const keyring = `${renderAllowedSigners({ verdict: verdictKey, log: logSigner, publish: publishKey })}ada@example.org namespaces="git" ${human.publicKey}\n`;
  const base = await repository.commit('govern', {
    '.caws/arbiter.yaml': 'version: 1\n',
    '.caws/specs/PROJ-1.yaml': 'id: PROJ-1\ntitle: Fix the sum\n',
    '.caws/keys/allowed_signers': keyring,
    '.caws/keys/allowed_signers.sig': await root.sign('caws-keyring', Buffer.from(keyring)),
  });
  const run = (cwd: string, argv: readonly string[]): GitRun => runGit(world.home, cwd, argv);
  const ask = (...argv: string[]): string => need(run(clone, argv), argv);
  const server = join(world.home, 'server.git');
  ask('clone', '-q', '--bare', clone, server);
  ask('remote', 'add', 'origin', server);
  const hook = installHook.input.parse({ repository: server, kind: 'server' });
  await installHook.run(ports, hook, world.context);
  ask('switch', '-q', '--detach', base);
  let folders = 0;
  return {
    world,
    ports,
    clone,
    server,
    base,
    verdictKey,
    publishKey,
    humanKeyFile,
    git: (...argv) => run(clone, argv),
    ask,
    onServer: (...argv) => need(run(server, argv), argv),
    async judge(
      changed,
      { base: on = base, edit = (verdict: Verdict) => verdict, signer = verdictKey, logged = false } = {},
    ) {
      const head = commitOn(ask, clone, 'candidate', changed, { on });
      const diff = Buffer.from(ask('diff', '--binary', '--no-color', on, head), 'utf8');
      const { contentSha256 } = await measured(ports, clone, on, head);
      const repositoryId = digestText(`${ask('rev-list', '--max-parents=0', on).trim()}\n`);
      const verdict = edit(
        passing({
          repositoryId,
          on,
          tree: treeOf(ask, head),
          baseTree: treeOf(ask, on),
          diff: digestBytes(diff),
          contentSha256,
          number: (folders += 1),
        }),
      );
      const outDir = join(world.home, `verdict-${folders}`);
      mkdirSync(outDir);
      writeFileSync(join(outDir, 'change.diff'), diff);
      await recordVerdict({ verdict, signer, outDir }, ports.files);
      if (logged)
        await recordBundle({ verdict, signer: verdictKey, logSigner, outDir }, { files: ports.files, ledger });
      return outDir;
    },
    publish: (target, more = {}) => publish.run(ports, { repository: clone, target, ...more }, world.context),
    commit: (message, changed, options = {}) => commitOn(ask, clone, message, changed, { on: base, ...options }),
    close: () => world.close(),
  };
}

function treeOf(ask: Ground['ask'], commit: string): string {
  return ask('rev-parse', `${commit}^{tree}`).trim();
}

async function measured(ports: Ports, clone: string, base: string, head: string) {
  const git = await ports.git.open(clone);
  try {
    const { id, tree } = await git.resolveCommit(head);
    return await git.measure(await git.resolveCommit(base), tree, id);
  } finally {
    await git.close();
  }
}

function passing(made: {
  repositoryId: string;
  on: string;
  tree: string;
  baseTree: string;
  diff: string;
  contentSha256: string;
  number: number;
}): Verdict {
  const bytes = Uint8Array.from({ length: 16 }, (_, index) => (index === 0 ? made.number : index));
  return assembleVerdict(
    facts({
      trust: 'enforcing',
      repositoryId: made.repositoryId,
      idBytes: bytes.slice(0, 10),
      nonceBytes: bytes,
      base: { commit: made.on, tree: made.baseTree },
      change: { tree: made.tree, contentSha256: made.contentSha256 },
      diffSha256: made.diff,
    }),
  );
}

function commitOn(
  ask: Ground['ask'],
  clone: string,
  message: string,
  changed: ChangedFiles,
  { on, key }: CommitOptions & { readonly on: string },
): string {
  ask('switch', '-q', '--detach', on);
  for (const [path, text] of Object.entries(changed)) {
    mkdirSync(join(clone, path, '..'), { recursive: true });
    if (text === null) rmSync(join(clone, path));
    else writeFileSync(join(clone, path), text);
  }
  ask('add', '-A');
  const signing = key === undefined ? [] : ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${key}`];
  ask(...signing, 'commit', '-q', '--allow-empty', ...(key === undefined ? [] : ['-S']), '-m', message);
  const made = ask('rev-parse', 'HEAD').trim();
  ask('switch', '-q', '--detach', on);
  return made;
}

/** Git as a person runs it, with a home of its own, where the root is pinned. */
export function runGit(home: string, cwd: string, argv: readonly string[], input?: string): GitRun {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
  };
  const done = spawnSync('git', [...argv], {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...(input === undefined ? {} : { input }),
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

function need({ code, out, err }: GitRun, argv: readonly string[]): string {
  if (code !== 0) throw new Error(`git ${argv.join(' ')} ended with ${code}: ${err}`);
  return out;
}
