import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AgentProfile } from '../../core/registry/agent-profile.js';
import { type Load, noLoad } from '../../core/registry/load.js';
import type { Task, TaskState } from '../../core/tasks/task.js';
import { agentOfStand, profileOfStand, versionOfStand } from '../../core/registry/stand.js';
import type { AgentStore, Lease, LeaseStore, TaskStore } from '../../ports/task-store.js';
import type { RegistryStore } from '../../ports/registry-store.js';
import { leaseOwner } from '../postgres/lease-store.js';
import type { WaiverStore } from '../../ports/waiver-store.js';
import { type MemoryRegistry, createMemoryRegistry } from './memory-registry.js';
import type { RetryStore } from '../../ports/retry-store.js';
import type { RouteStore } from '../../ports/route-store.js';
import { createMemoryRetries } from './memory-retries.js';
import { createMemoryRoutes } from './memory-routes.js';
import { createMemoryTasks } from './memory-tasks.js';
import type { RolloutStore } from '../../ports/rollout-store.js';
import { createMemoryRollouts } from './memory-rollouts.js';
import { createMemoryWaivers } from './memory-waivers.js';

/** Tasks, agents and leases in this process's memory: for tests of what uses the stores. */
export function createMemoryStores(): {
  readonly tasks: TaskStore;
  readonly agents: AgentStore;
  readonly leases: LeaseStore;
  readonly routes: RouteStore;
  readonly retries: RetryStore;
  readonly waivers: WaiverStore;
  readonly rollouts: RolloutStore;
  readonly registry: RegistryStore;
} {
  // A map keeps the place of a key that is set again.
  const agents = new Map<string, AgentProfile>();
  const tasks = createMemoryTasks();
  const registry = createMemoryRegistry(agents, async () => countLoads(await tasks.list({ limit: 100_000 })));
  return {
    tasks,
    agents: createMemoryAgents(agents, registry),
    registry,
    leases: createMemoryLeases(),
    routes: createMemoryRoutes(),
    retries: createMemoryRetries(tasks),
    waivers: createMemoryWaivers(),
    rollouts: createMemoryRollouts(),
  };
}

const waits: readonly TaskState[] = ['submitted', 'admitted', 'planned', 'routed', 'refining', 'escalating'];

function countLoads(tasks: readonly Task[]): ReadonlyMap<string, Load> {
  const loads = new Map<string, Load>();
  const count = (agent: string | undefined, more: Partial<Load>): void => {
    if (agent === undefined) return;
    const { running, waiting } = loads.get(agent) ?? noLoad;
    loads.set(agent, { running: running + (more.running ?? 0), waiting: waiting + (more.waiting ?? 0) });
  };
  for (const { state, ladder, rung, request, candidates } of tasks) {
    if (waits.includes(state)) count(ladder[rung] ?? request.agents[0], { waiting: 1 });
    if (state !== 'working') continue;
    for (const { agent, plea, failure } of candidates)
      if (plea === null && failure === null) count(agent, { running: 1 });
  }
  return loads;
}

function createMemoryAgents(agents: Map<string, AgentProfile>, registry: MemoryRegistry): AgentStore {
  const fullMs = new Map<string, number>();
  return {
    list: async () => structuredClone([...agents.values()].filter(({ status }) => status !== 'retired')),
    async find(name) {
      const [agent, version] = [agents.get(agentOfStand(name)), versionOfStand(name)];
      if (agent === undefined || agent.status === 'retired') return null;
      const found = version === null ? agent : profileOfStand(agent, registry.recordOf(agent.name, version), version);
      return structuredClone(found);
    },
    async put(agent) {
      agents.set(agent.name, structuredClone(agent));
      registry.noted(structuredClone(agent));
    },
    async remove(name) {
      const was = agents.delete(name);
      registry.noted(null);
      return was;
    },
    async takeTurn(name, perMinute) {
      const costMs = Math.ceil(60_000 / perMinute);
      const full = Math.max(fullMs.get(name) ?? 0, Date.now()) + costMs;
      if (full > Date.now() + 60_000) return Math.max(1, full - 60_000 - Date.now());
      fullMs.set(name, full);
      return 0;
    },
  };
}

function createMemoryLeases(): LeaseStore {
  const leases = new Map<string, Lease>();
  return {
    async take(kind, what) {
      const id = randomUUID();
      leases.set(id, { id, kind, what, owner: leaseOwner(), host: hostname() });
      return id;
    },
    async release(id) {
      leases.delete(id);
    },
    list: async () => [...leases.values()],
  };
}
