import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryLedger } from '../../src/adapters/memory/memory-ledger.js';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import { openRegistry } from '../../src/app/registry/open-registry.js';
import { createMemoryStores } from '../../src/adapters/memory/memory-stores.js';
import { createHeldCases } from '../../src/app/tasks/held-cases.js';
import { examineCandidate, judgeCandidate } from '../../src/app/tasks/stages/examine-candidate.js';
import { Fault } from '../../src/core/fault.js';
import { type Task, newTask } from '../../src/core/tasks/task.js';
import type { Ports } from '../../src/ports/ports.js';
import { createWorld, governed } from '../e2e/world.js';

const world = createWorld();
const patch = `diff --git a/src/more.js b/src/more.js
new file mode 100644
--- /dev/null
+++ b/src/more.js
@@ -0,0 +1 @@
+export const more = 1;
`;
const { tasks, agents, leases, routes, retries, rollouts, waivers, registry: rows } = createMemoryStores();
const registry = await openRegistry({ registry: rows, agents }, systemClock);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
let task: Task;

beforeAll(async () => {
  const repository = await governed(world);
  const request = {
    words: 'more',
    repository: repository.directory,
    spec: 'POST-001',
    base: null,
    agents: [],
    candidates: 1,
    bounds: { micro_usd: null, tokens: null, turns: null, wall_ms: 60_000 },
    priority: 500,
    deadline_ms: null,
    dedup_key: null,
    refinements: 0,
    key: null,
  };
  const id = '01J00000000000000000000000';
  const stored = {
    plea: {
      task: id,
      spec_id: 'POST-001',
      base: repository.base,
      worker: { agent: 'a', version: '1', model: 'm' },
      rationale: { summary: 'more', files: [], risks: [], acceptance: [] },
      evidence: [],
    },
    plan: null,
    patch: await tasks.putContent(text(patch)),
    transcript: await tasks.putContent(text('')),
    prompt: { id: 'work@1', sha256: 'a'.repeat(64) },
  };
  const plea = { sha256: await tasks.putContent(text(JSON.stringify(stored))), patch: stored.patch };
  const candidate = { agent: 'a', chunks: [], plan: null, plea, failure: null, examined: null, verdict: null };
  task = {
    ...newTask(id, request, 1),
    base: repository.base,
    spec_id: 'POST-001',
    candidates: [candidate],
    attempt: 1,
  };
});
afterAll(() => world.close());

/** The real ports, whose git is stopped together with the leg just as it measures. */
function stoppedPorts(leg: AbortController): Ports {
  const { ports } = world;
  return {
    ...ports,
    git: {
      ...ports.git,
      open: async (folder, options) => ({
        ...(await ports.git.open(folder, options)),
        measure() {
          leg.abort(new Error('the engine stops'));
          return Promise.reject(new Fault('GIT_FAILED', 'git was stopped', { mend: 'none' }));
        },
      }),
    },
  };
}

describe('an examination that is stopped', () => {
  it.each([
    ['examined', examineCandidate],
    ['judged', judgeCandidate],
  ])('comes to no event: nothing was %s', async (_what, stage) => {
    const leg = new AbortController();
    const ports = stoppedPorts(leg);
    const cases = createHeldCases();
    const context = { signal: leg.signal, tell: () => undefined, cases };
    const asked = stage(
      {
        ports,
        tasks,
        agents,
        registry,
        routes,
        retries,
        rollouts,
        points: { late: async () => [] },
        waivers,
        workers: ports.workers(leases),
        ledger: createMemoryLedger(),
      },
      task,
      0,
      context,
    );
    await expect(asked).rejects.toThrow('the engine stops');
    await cases.closeAll();
  });
});
