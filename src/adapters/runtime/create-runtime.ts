import { hostname } from 'node:os';
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

/** The store and the engine of a home: the embedded server under its state folder, or the database of the user's own. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const { stateHome, durable } = options;
  return {
    async open(signal, folder) {
      // Loaded now: most commands need neither a database nor an engine.
      const [{ openDatabase }, { createDbosEngine }, { prepareEngine }] = await Promise.all([
        import('../postgres/index.js'),
        import('../dbos/create-dbos-engine.js'),
        import('../dbos/prepare-engine.js'),
      ]);
      const place = { stateHome: folder ?? stateHome, databaseUrl: folder === undefined ? options.databaseUrl : null };
      const database = await openDatabase({ ...place, durable, signal, prepareEngine });
      try {
        await prepareEngine(database.ownerUrl);
      } catch (error) {
        await database.close();
        throw error;
      }
      const engine = createDbosEngine({
        appUrl: database.appUrl,
        pool: database.pool,
        host: hostname(),
        version: options.version,
        concurrency: options.concurrency,
        maxBacklog,
      });
      const { tasks, agents, leases, care } = database;
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
    async stopServer(folder) {
      const { stopServer } = await import('../postgres/index.js');
      return stopServer(folder ?? stateHome);
    },
  };
}
