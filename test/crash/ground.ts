import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { demoSpec } from '../../src/app/demo/demo-files.js';
import { init } from '../../src/app/init/init.js';
import { renderPolicy } from '../../src/core/caws/render-setup.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { quickConfig } from '../e2e/world.js';
import type { CrashHome } from './crash-home.js';
import { product, smallBudgets, writeRecordings } from './kinds.js';

const execute = promisify(execFile);

/** A repository under the law, and agents that change it as they were recorded to. */
export interface Ground {
  readonly repository: string;
  readonly base: string;
  git(...argv: string[]): Promise<string>;
  commit(message: string, files: Readonly<Record<string, string | null>>): Promise<string>;
  remove(): Promise<void>;
}

/** Makes the repository with keys in the home, and puts the agents into the store. Work takes `delayMs`. */
export async function layGround(home: CrashHome, runtime: OpenRuntime, delayMs: number): Promise<Ground> {
  const scratch = await home.ports.scratch.createRepository('crash-repository');
  const { directory } = scratch;
  await scratch.commit('product', product);
  const quiet = { stage: () => undefined, note: () => undefined };
  await init.run(home.ports, { repository: directory }, { progress: quiet, signal: new AbortController().signal });
  const base = await scratch.commit('govern', {
    '.caws/arbiter.yaml': quickConfig,
    '.caws/policy.yaml': renderPolicy(smallBudgets),
    '.caws/specs/POST-001.yaml': demoSpec,
  });
  const git = async (...argv: string[]): Promise<string> => (await execute('git', ['-C', directory, ...argv])).stdout;
  const diff = (from: string, to: string): Promise<string> => git('diff', '--no-color', '--binary', from, to);
  const agents = await writeRecordings({ ...scratch, base }, diff, home.home, delayMs);
  await git('branch', '-q', '-D', 'recording');
  for (const agent of agents) await runtime.agents.put(agent);
  return { repository: directory, base, git, commit: scratch.commit, remove: scratch.remove };
}

/** Digest of all that is the user's: work tree, index, HEAD, branches, configuration. Objects and our own refs are not. */
export function digestRepository(directory: string): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    for (const name of readdirSync(join(directory, path)).sort()) {
      const below = path === '' ? name : `${path}/${name}`;
      if (below === '.git/objects' || below === '.git/refs/arbiter') continue;
      if (statSync(join(directory, below)).isDirectory()) visit(below);
      else
        hash
          .update(`${below}\0`)
          .update(readFileSync(join(directory, below)))
          .update('\0');
    }
  };
  visit('');
  return hash.digest('hex');
}

/** Files in a repository that something broke off has left: locks and objects in the making. */
export function brokenOffFiles(directory: string): readonly string[] {
  return readdirSync(join(directory, '.git'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.lock$|\/tmp_|\.tmp$/.test(path),
  );
}
