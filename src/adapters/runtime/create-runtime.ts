import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault } from '../../core/fault.js';
import type { OpenRuntime, Runtime } from '../../ports/runtime.js';

export interface RuntimeOptions {
  readonly stateHome: string;
  readonly databaseUrl: string | null;
  /** Of Arbiter. */
  readonly version: string;
  /** Legs that a worker process drives at once, in each queue. */
  readonly concurrency: number;
  /** False only where losing the last moments to a power cut does not matter: tests. */
  readonly durable: boolean;
}

/** Legs that may wait before more are refused. */
const maxBacklog = 50_000;

/** Tries again while the server that was there a moment ago is not: 0.1 s, 0.2 s, 0.4 s … */
async function patiently<Result>(signal: AbortSignal, open: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await open();
    } catch (error) {
      if (!isFault(error, 'STORE_UNAVAILABLE') || tries >= 6 || signal.aborted) throw error;
      await sleep(100 * 2 ** tries);
    }
  }
}

/** The store and the engine of a home: the embedded server under its state folder, or the database of the user's own. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { stateHome, durable } = options;
  return {
    async open(signal, folder) {
      // Loaded now: most commands need neither a database nor an engine.
      const [{ openDatabase, toStoreFault }, { createDbosEngine }, { prepareEngine }] = await Promise.all([
        import('../postgres/index.js'),
        import('../dbos/create-dbos-engine.js'),
        import('../dbos/prepare-engine.js'),
      ]);
      const place = { stateHome: folder ?? stateHome, databaseUrl: folder === undefined ? options.databaseUrl : null };
      const database = await patiently(signal, async () => {
        const opening = await openDatabase({ ...place, durable, signal, prepareEngine });
        try {
          await prepareEngine(opening.ownerUrl);
          return opening;
        } catch (error) {
          await opening.close();
          throw toStoreFault(error);
        }
      });
      const engine = createDbosEngine({
        appUrl: database.appUrl,
        pool: database.pool,
        host: hostname(),
        version: options.version,
        concurrency: options.concurrency,
        maxBacklog,
      });
      const { tasks, agents, leases, ledger, contents, routes, retries, waivers } = database;
      const { rollouts, registry, points, care } = database;
      const releases: (() => Promise<void>)[] = [];
      let closing: Promise<void> | null = null;
      const close = async (): Promise<void> => {
        try {
          await engine.stop();
          for (const release of releases) await release();
        } finally {
          await database.close();
        }
      };
      const opened: OpenRuntime = {
        tasks,
        agents,
        leases,
        ledger,
        contents,
        routes,
        retries,
        waivers,
        rollouts,
        registry,
        points,
        care,
        engine,
        executors: () => engine.executors(),
        beforeClose: (release) => void releases.push(release),
        close() {
          closing ??= close();
          return closing;
        },
      };
      return opened;
    },
    exists: () => Promise.resolve(options.databaseUrl !== null || existsSync(join(stateHome, 'store', 'data'))),
    async stopServer(folder) {
      const { stopServer } = await import('../postgres/index.js');
      return stopServer(folder ?? stateHome);
    },
  };
}
