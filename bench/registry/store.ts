import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import { openDatabase, stopServer } from '../../src/adapters/postgres/index.js';
import { openRegistry } from '../../src/app/registry/open-registry.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { findAgent } from '../../src/core/registry/snapshot.js';

/** Milliseconds of each of many calls, durable (fsync on), from the call until the own snapshot shows it. */
export interface StoreFigures {
  readonly registration: readonly number[];
  readonly outcome: readonly number[];
  /** From the commit until the snapshot shows it, in this process. */
  readonly visible: readonly number[];
}

const agents = 1000;
const outcomes = 1000;

/** Registers agents one by one in an embedded store of its own, and takes outcomes of them in. */
export async function measureStore(): Promise<StoreFigures> {
  const stateHome = await mkdtemp(join(tmpdir(), 'arbiter-bench-registry-'));
  const database = await openDatabase({ stateHome, databaseUrl: null, durable: true });
  try {
    let committed = 0;
    const registry = await openRegistry(
      {
        agents: database.agents,
        registry: {
          ...database.registry,
          async observe(one) {
            const taken = await database.registry.observe(one);
            committed = performance.now();
            return taken;
          },
          // Probation and heartbeat are no part of what is measured here as the update of figures.
          changeHealth: async (_, change) => change({ heard_ms: Date.now(), probation: 0 }),
        },
      },
      systemClock,
    );
    const registration: number[] = [];
    for (let index = 0; index < agents; index += 1) {
      const profile = agentProfileSchema.parse({ name: `agent-${index}`, kind: 'replay' });
      const from = performance.now();
      await registry.register(profile);
      registration.push(performance.now() - from);
    }
    const outcome: number[] = [];
    const visible: number[] = [];
    for (let index = 0; index < outcomes; index += 1) {
      const agent = `agent-${(index * 7919) % 100}`;
      const from = performance.now();
      await registry.recordOutcome(
        {
          decision_id: `d-${index}`,
          revision: 0,
          agent,
          version: '1',
          surface: 'code-editing',
          complexity: 'standard',
          tags: ['typescript'],
          passed: index % 3 > 0,
          reward: index % 3 > 0 ? 1 : 0,
          cost_micro_usd: 50_000 + index,
          latency_ms: 60_000 + 13 * index,
          at_ms: Date.now(),
        },
        null,
      );
      const done = performance.now();
      if (findAgent(registry.snapshot(), agent)?.performance.size !== 1)
        throw new Error('the snapshot does not show it');
      outcome.push(done - from);
      visible.push(done - committed);
    }
    // Warm: the first hundred have their code compiled while they run.
    return { registration, outcome, visible: visible.slice(100) };
  } finally {
    await database.close();
    await stopServer(stateHome);
    await rm(stateHome, { recursive: true, force: true });
  }
}
