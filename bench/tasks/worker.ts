import { readFileSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import type { Ports } from '../../src/ports/ports.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { Role, Word } from './crew.js';
import { type RecordedSession, recordGit, replaySession } from './git-calls.js';
import { benchVersion } from './home.js';
import { instantStages } from './instant-stages.js';
import { passingGates } from './passing-gates.js';
import { plainLoop, readPlainLoop } from './plain-git.js';
import { servePlainDbos } from './plain-dbos.js';
import { product } from './product.js';
import { benchAgent } from './requests.js';

// A worker process of a bench: `worker.ts ROLE`, started by crew.ts, which says when to begin and when to end.

const tell = (word: Word): void => void process.send?.(word);
const asked = (what: 'go' | 'stop'): Promise<void> =>
  new Promise((resolve) => {
    const listen = (message: Record<string, unknown>): void => {
      if (message[what] !== true) return;
      process.off('message', listen);
      resolve();
    };
    process.on('message', listen);
  });
const stopped = asked('stop');
process.once('disconnect', () => process.exit(1));

async function openRuntime(): Promise<{ ports: Ports; runtime: OpenRuntime }> {
  const { createPorts } = await product<typeof import('../../src/wiring.js')>('wiring');
  const ports = createPorts(process.env, benchVersion);
  return { ports, runtime: await ports.runtime.open(new AbortController().signal) };
}

/** The engine and the store with stages that answer at once, or that hold work up for a minute. */
async function serveInstant(holds: boolean): Promise<void> {
  const { ports, runtime } = await openRuntime();
  const { registerLegs } = await product<typeof import('../../src/app/tasks/serve-tasks.js')>('app/tasks/serve-tasks');
  const agent = benchAgent(null, Number(process.env['BENCH_LANES'] ?? '64'));
  let executor = '';
  const { openTracker } =
    await product<typeof import('../../src/app/learning/open-tracker.js')>('app/learning/open-tracker');
  const tracker = openTracker(ports, runtime, {
    trouble: (text) => console.error(text),
    signal: new AbortController().signal,
  });
  runtime.beforeClose(() => tracker.flush());
  const tells = process.env['BENCH_TELLS'] === 'yes';
  const driver = {
    ...(tells ? { follow: (taskId: string) => tracker.follow(taskId) } : {}),
    store: runtime.tasks,
    engine: runtime.engine,
    stages: instantStages(
      holds
        ? async (task, signal) => {
            tell({ say: 'working', task: task.id, atMs: Date.now() });
            await ports.clock.pause(60_000, signal);
          }
        : undefined,
    ),
    findAgent: async () => agent,
    takeTurn: async () => 0,
    clock: ports.clock,
    executor: () => executor,
  };
  registerLegs(runtime.engine, driver);
  const going = asked('go');
  tell({ say: 'ready' });
  await going;
  ({ executor } = await runtime.engine.start());
  tell({ say: 'serving' });
  await stopped;
  await runtime.close();
}

/** The whole loop as `arbiter up` serves it, but for gates, which pass at once. */
async function serveLoop(recordTo: string | null): Promise<void> {
  const { ports: wired, runtime } = await openRuntime();
  const { serveTasks } = await product<typeof import('../../src/app/tasks/serve-tasks.js')>('app/tasks/serve-tasks');
  const sessions: RecordedSession[] = [];
  const poolGit = recordTo === null ? wired.poolGit : () => recordGit(wired.poolGit(), sessions);
  const ports: Ports = { ...wired, poolGit, gateRunner: passingGates };
  const going = asked('go');
  tell({ say: 'ready' });
  await going;
  await serveTasks(ports, runtime, () => undefined, new AbortController().signal);
  tell({ say: 'serving' });
  await stopped;
  await runtime.close();
  if (recordTo !== null) writeFileSync(recordTo, serialize(sessions));
}

/** The git calls of one loop, again and again. */
async function replayGit(): Promise<void> {
  const { createPorts } = await product<typeof import('../../src/wiring.js')>('wiring');
  const git = createPorts(process.env, benchVersion).poolGit();
  const sessions = deserialize(readFileSync(process.env['BENCH_CALLS'] ?? '')) as RecordedSession[];
  await countLoops(async (name) => {
    for (const session of sessions) await replaySession(git, session, name);
  });
  await stopped;
  await git.closeAll();
}

/** The same work by git's own commands. */
async function plainGit(): Promise<void> {
  const loop = readPlainLoop(process.env['BENCH_PLAIN'] ?? '');
  await countLoops((name) => plainLoop(loop, name));
  await stopped;
}

/** Loops before any is counted: the compiler has seen the code then, as it has when tasks are counted. */
const warmLoops = 30;

/** Sixteen loops at a time, as many as a worker drives. */
async function countLoops(loop: (name: string) => Promise<void>): Promise<void> {
  const count = Number(process.env['BENCH_COUNT']);
  const going = asked('go');
  for (let round = 0; round < warmLoops; round += 1) await loop(`${process.pid}-warm-${round}`);
  tell({ say: 'ready' });
  await going;
  let begun = 0;
  const loops = async (): Promise<void> => {
    while (begun < count) {
      await loop(`${process.pid}-${(begun += 1)}`);
      tell({ say: 'looped', atMs: Date.now() });
    }
  };
  await Promise.all(Array.from({ length: 16 }, loops));
  tell({ say: 'done', atMs: Date.now() });
}

const roles: Readonly<Record<Role, () => Promise<void>>> = {
  instant: () => serveInstant(false),
  hold: () => serveInstant(true),
  loop: () => serveLoop(null),
  'record-git': () => serveLoop(process.env['BENCH_CALLS'] ?? ''),
  'replay-git': replayGit,
  'plain-git': plainGit,
  'plain-dbos': () => servePlainDbos({ tell, going: asked('go'), stopped }),
};

await roles[process.argv[2] as Role]();
process.exit(0);
