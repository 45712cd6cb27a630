import { Pool } from 'pg';
import { createDbosEngine } from '../../src/adapters/dbos/create-dbos-engine.js';
import { prepareEngine } from '../../src/adapters/dbos/prepare-engine.js';
import { createMemoryEngine } from '../../src/adapters/memory/memory-engine.js';
import type { Engine } from '../../src/ports/engine.js';
import { findLocalCluster, startTestCluster, type TestCluster, type TestDatabase } from '../store/cluster.js';

export interface EngineLimits {
  readonly concurrency: number;
  readonly maxBacklog: number;
}

/** An engine to be held to the contract: each opening is an engine of its own, on nothing or on a database of its own. */
export interface EngineUnderTest {
  readonly name: string;
  readonly skip: string | null;
  open(limits: EngineLimits): Promise<{ readonly engine: Engine; close(): Promise<void> }>;
  stop(): Promise<void>;
}

/** Opens DBOS on a database that is ready. */
export function openDbosEngine(urls: TestDatabase, limits: EngineLimits): { engine: Engine; pool: Pool } {
  const pool = new Pool({ connectionString: urls.appUrl, max: 10, application_name: 'arbiter' });
  pool.on('error', () => undefined);
  return { engine: createDbosEngine({ appUrl: urls.appUrl, pool, host: 'test', version: '0.0.0', ...limits }), pool };
}

function dbosOn(name: string, cluster: TestCluster | null, skip: string | null): EngineUnderTest {
  return {
    name,
    skip,
    async open(limits) {
      if (cluster === null) throw new Error(`skipped: ${skip}`);
      const urls = await cluster.createDatabase();
      await prepareEngine(urls.ownerUrl);
      const { engine, pool } = openDbosEngine(urls, limits);
      return {
        engine,
        async close() {
          await engine.stop();
          await pool.end();
        },
      };
    },
    stop: async () => cluster?.stop(),
  };
}

/** Every engine, on every database of this machine. */
export async function allEngines(): Promise<readonly EngineUnderTest[]> {
  const local = await findLocalCluster();
  const embedded = await startTestCluster(({ ownerUrl }) => prepareEngine(ownerUrl));
  return [
    {
      name: 'memory',
      skip: null,
      async open(limits) {
        const engine = createMemoryEngine(limits);
        return { engine, close: () => engine.stop() };
      },
      stop: () => Promise.resolve(),
    },
    dbosOn(`DBOS on ${embedded.name}`, embedded, null),
    dbosOn(
      `DBOS on ${local?.name ?? 'PostgreSQL of this machine'}`,
      local,
      local === null ? 'no PostgreSQL on 127.0.0.1:5432' : null,
    ),
  ];
}
