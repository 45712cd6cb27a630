import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import { Fault } from '../../../core/fault.js';
import type { LedgerLog } from '../../../ports/ledger-log.js';
import type { Ports } from '../../../ports/ports.js';
import type { AgentStore, TaskStore } from '../../../ports/task-store.js';
import type { Registry } from '../../registry/open-registry.js';
import type { RetryStore } from '../../../ports/retry-store.js';
import type { RouteStore } from '../../../ports/route-store.js';
import type { PointStore } from '../../../ports/point-store.js';
import type { RolloutStore } from '../../../ports/rollout-store.js';
import type { WaiverStore } from '../../../ports/waiver-store.js';
import type { WorkerFaultCode, Workers } from '../../../ports/worker.js';

/** What the stages of a task reach: the ports, the opened stores, the workers. */
export interface TaskWorld {
  readonly ports: Ports;
  readonly tasks: TaskStore;
  readonly agents: AgentStore;
  readonly registry: Registry;
  readonly routes: RouteStore;
  readonly retries: RetryStore;
  readonly rollouts: RolloutStore;
  readonly points: Pick<PointStore, 'late'>;
  readonly waivers: WaiverStore;
  readonly workers: Workers;
  readonly ledger: LedgerLog;
}

/** The agent of that name. @throws AGENT_MISSING */
export async function requireAgent(agents: AgentStore, name: string): Promise<AgentProfile> {
  const found = await agents.find(name);
  if (found !== null) return found;
  throw new Fault<WorkerFaultCode>('AGENT_MISSING', `there is no agent named ${JSON.stringify(name)}`, {
    mend: 'arbiter agents list shows those that there are, arbiter agents add makes one',
  });
}

/** Stores a value as canonical text; answers its SHA-256. */
export async function putJson(tasks: TaskStore, value: unknown): Promise<string> {
  return tasks.putContent(new TextEncoder().encode(JSON.stringify(value)));
}

/** Reads a value that `putJson` stored. @throws CONTENT_MISSING */
export async function getJson(tasks: TaskStore, sha256: string): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await tasks.getContent(sha256)));
}
