import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { ownerUrl } from '../../src/adapters/postgres/launcher/probe-server.js';
import { readSecrets } from '../../src/adapters/postgres/launcher/secrets.js';
import { storeFolders } from '../../src/adapters/postgres/launcher/store-folders.js';
import { readProcessTable, treeOf } from '../../src/adapters/sandbox/process-table.js';
import { type CrashHome, sendSignal } from './crash-home.js';
import type { Crew } from './crew.js';
import { sleeper } from './kinds.js';
import { processesOf } from './processes.js';

/** Something that goes wrong on a machine. */
export interface Fault {
  readonly name: string;
  readonly weight: number;
  bring(scene: Scene): Promise<void>;
}

export interface Scene {
  readonly home: CrashHome;
  readonly crew: Crew;
  /** At least `from`, less than `to`. */
  pick(from: number, to: number): number;
  /** Starts `arbiter run` on a task of its own. */
  startRun(): { readonly pid: number };
}

export const faults: readonly Fault[] = [
  { name: 'kill a worker', weight: 6, bring: async (scene) => killWorker(scene) },
  {
    name: 'kill every worker',
    weight: 2,
    async bring({ crew }) {
      for (const pid of crew.pids()) sendSignal(pid, 'SIGKILL');
    },
  },
  { name: 'kill the database server', weight: 4, bring: killPostmaster },
  {
    name: 'kill the database server and a worker',
    weight: 2,
    async bring(scene) {
      await killPostmaster(scene);
      killWorker(scene);
    },
  },
  {
    name: 'kill whoever starts the database server',
    weight: 3,
    async bring(scene) {
      await killPostmaster(scene);
      for (const pid of scene.crew.pids()) sendSignal(pid, 'SIGKILL');
      await sleep(50);
      scene.crew.refill();
      await sleep(scene.pick(100, 900));
      killWorker(scene);
      await killPostmaster(scene);
    },
  },
  {
    name: 'ask a worker to end',
    weight: 2,
    async bring(scene) {
      const pid = anyWorker(scene);
      if (pid === null) return;
      sendSignal(pid, 'SIGTERM');
      await Promise.race([scene.crew.gone(pid), tooLong(`worker ${pid} to end`)]);
    },
  },
  {
    name: 'hold a worker until others have taken over',
    weight: 3,
    async bring({ crew, pick }) {
      const [held] = crew.held();
      if (held !== undefined && pick(0, 2) === 0) return crew.goOn(held);
      const pids = crew.pids();
      const pid = pids[pick(0, pids.length)];
      if (pid !== undefined) crew.hold(pid);
    },
  },
  { name: 'hold the database server', weight: 2, bring: (scene) => holdDatabase(scene, scene.pick(500, 3000)) },
  { name: 'cut every session', weight: 2, bring: ({ home }) => cutSessions(home) },
  { name: 'kill programs of agents', weight: 3, bring: async ({ home }) => killSleepers(home) },
  {
    name: 'kill arbiter run',
    weight: 3,
    async bring(scene) {
      const { pid } = scene.startRun();
      await sleep(scene.pick(300, 2500));
      sendSignal(pid, 'SIGKILL');
    },
  },
];

async function tooLong(what: string): Promise<never> {
  await sleep(20_000, undefined, { ref: false });
  throw new Error(`20 s are too long for ${what}`);
}

/** Kills the programs of agents that never end by themselves. */
export function killSleepers(home: CrashHome): void {
  for (const pid of processesOf(join(home.home, `${sleeper}.sh`))) sendSignal(pid, 'SIGKILL');
}

/** Stops every process of the database server, and lets them go on. */
export async function holdDatabase({ home }: Pick<Scene, 'home'>, forMs: number): Promise<void> {
  if (home.external !== null) return home.external.hold(forMs).catch(() => undefined);
  const postmaster = await home.postmaster();
  if (postmaster === null) return;
  const pids = treeOf(postmaster, readProcessTable()).map(({ pid }) => pid);
  for (const pid of pids) sendSignal(pid, 'SIGSTOP');
  await sleep(forMs);
  for (const pid of pids) sendSignal(pid, 'SIGCONT');
}

/** Ends every session of the server, as a network that breaks does. */
export async function cutSessions(home: CrashHome): Promise<void> {
  if (home.external !== null) return home.external.shut(0);
  await ask(home, 'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()').catch(
    () => undefined,
  );
}

/** Asks the store's database as its owner. */
async function ask(home: CrashHome, text: string): Promise<readonly Record<string, unknown>[]> {
  const folders = storeFolders(home.stateHome);
  const secrets = await readSecrets(folders.secrets);
  if (secrets === null) throw new Error('there is no store yet');
  const client = new Client({ connectionString: ownerUrl(folders, secrets, 'arbiter') });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Kills the embedded server; one that is somebody else's goes away for a second instead. */
export async function killPostmaster({ home }: Pick<Scene, 'home'>): Promise<void> {
  if (home.external !== null) return home.external.shut(1000);
  const pid = await home.postmaster();
  if (pid !== null) sendSignal(pid, 'SIGKILL');
}

function killWorker(scene: Scene): void {
  const pid = anyWorker(scene);
  if (pid !== null) sendSignal(pid, 'SIGKILL');
}

function anyWorker({ crew, pick }: Scene): number | null {
  const pids = crew.pids();
  return pids[pick(0, pids.length)] ?? null;
}
