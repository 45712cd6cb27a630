import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AgentProfile } from '../../core/registry/agent-profile.js';
import type { AgentStore, Lease, LeaseStore, TaskStore } from '../../ports/task-store.js';
import { leaseOwner } from '../postgres/lease-store.js';
import { createMemoryTasks } from './memory-tasks.js';

/** Tasks, agents and leases in this process's memory: for tests of what uses the stores. */
export function createMemoryStores(): {
  readonly tasks: TaskStore;
  readonly agents: AgentStore;
  readonly leases: LeaseStore;
} {
  return { tasks: createMemoryTasks(), agents: createMemoryAgents(), leases: createMemoryLeases() };
}

function createMemoryAgents(): AgentStore {
  // A map keeps the place of a key that is set again.
  const agents = new Map<string, AgentProfile>();
  return {
    list: async () => structuredClone([...agents.values()]),
    async put(agent) {
      agents.set(agent.name, structuredClone(agent));
    },
    remove: async (name) => agents.delete(name),
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
