import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Home } from './home.js';
import type { PlainLoop } from './plain-git.js';
import { product } from './product.js';
import { benchAgent } from './requests.js';

/** A real repository of 25 files under law, and an agent that always brings the same honest fix. */
export interface World {
  readonly repository: string;
  readonly key: string;
  readonly agent: ReturnType<typeof benchAgent>;
  /** The same for git alone. */
  readonly plain: PlainLoop;
  remove(): Promise<void>;
}

/** Lays the demo's product with twenty files more, its spec, policy and keys, and records the fix. */
export async function layWorld(home: Home): Promise<World> {
  const { ports, folder } = home;
  const [{ demoAgents }, { layBase }] = await Promise.all([
    product<typeof import('../../src/app/demo/demo-files.js')>('app/demo/demo-files'),
    product<typeof import('../../src/app/demo/lay-base.js')>('app/demo/lay-base'),
  ]);
  const keys = await ports.scratch.createFolder('bench-keys');
  const repository = await ports.scratch.createRepository('bench');
  await repository.commit('Neighbours', neighbours());
  const base = await layBase(ports, repository, keys.directory, 'none');
  const [fix] = demoAgents['careful'] ?? [];
  if (fix === undefined) throw new Error('the demo has no careful agent');
  const file = join(folder, 'fix.recording.json');
  const patch = await patchOf(ports, repository.directory, { ...fix.files });
  const rationale = { summary: fix.says, acceptance: [{ id: 'A1', met_by: fix.says }] };
  const plan = { files: Object.keys(fix.files).map((path) => ({ path, lines: 6 })) };
  const recording = { version: 1, agent: 'bench', model: 'recorded', attempts: [{ plan, patch, rationale }] };
  await ports.files.replaceFile(file, new TextEncoder().encode(JSON.stringify(recording)));
  return {
    repository: repository.directory,
    key: `${keys.directory}/verdict`,
    agent: benchAgent(file),
    plain: { repository: repository.directory, base, patch },
    async remove() {
      await repository.remove();
      await keys.remove();
    },
  };
}

/** Twenty files that nobody touches, forty lines each. */
function neighbours(): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [
      `src/part-${index % 5}/file-${index}.js`,
      Array.from({ length: 40 }, (__, line) => `export const value${line} = ${index} + ${line};\n`).join(''),
    ]),
  );
}

async function patchOf(
  ports: Home['ports'],
  directory: string,
  files: Readonly<Record<string, string | null>>,
): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    if (text !== null) await ports.files.replaceFile(join(directory, path), new TextEncoder().encode(text));
  }
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: directory, encoding: 'utf8' });
  const patch = git('diff', '--binary', '--full-index', 'HEAD');
  git('checkout', '-q', '--', '.');
  return patch;
}
