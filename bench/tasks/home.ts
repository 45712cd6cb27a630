import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ports } from '../../src/ports/ports.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import { product } from './product.js';

/** A home of its own with a store of its own. */
export interface Home {
  readonly folder: string;
  readonly stateHome: string;
  /** For child processes. */
  readonly environment: Record<string, string>;
  readonly ports: Ports;
  open(): Promise<OpenRuntime>;
  /** Ends the server, whoever still uses it, and removes everything. */
  remove(): Promise<void>;
}

/** Version under which a bench's processes show themselves. */
export const benchVersion = '0.0.0-bench';

/** Makes an empty home. `durable: false` runs its server without fsync. */
async function makeHome(durable = true): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), 'arbiter-bench-'));
  const environment: Record<string, string> = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: folder,
    ARBITER_FSYNC: durable ? 'on' : 'off',
  };
  const { createPorts } = await product<typeof import('../../src/wiring.js')>('wiring');
  const ports = createPorts(environment, benchVersion);
  const { stateHome } = ports.places;
  return {
    folder,
    stateHome,
    environment,
    ports,
    open: () => ports.runtime.open(new AbortController().signal),
    async remove() {
      await ports.runtime.stopServer();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Makes a home, hands it on, and removes it whatever happens. */
export async function inHome<Result>(durable: boolean, use: (home: Home) => Promise<Result>): Promise<Result> {
  const home = await makeHome(durable);
  try {
    return await use(home);
  } finally {
    await home.remove();
  }
}
