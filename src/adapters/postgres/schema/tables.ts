import type { Generated } from 'kysely';

/** The tables of schema `arbiter` as Kysely sees them. Numbers are safe integers: `bigint` is read as such. */
export interface Tables {
  'arbiter.tasks': {
    id: string;
    state: string;
    ended: boolean;
    repository: string;
    spec_id: string | null;
    agent: string | null;
    dedup_key: string | null;
    deadline_ms: number | null;
    priority: number;
    seq: number;
    snapshot: string;
    created_ms: number;
    updated_ms: number;
  };
  'arbiter.task_events': { task_id: string; seq: number; at_ms: number; by: string; type: string; event: string };
  'arbiter.task_log': { id: Generated<number>; task_id: string; at_ms: number; kind: string; text: string };
  'arbiter.contents': { sha256: string; bytes: Uint8Array };
  'arbiter.agents': { place: Generated<number>; name: string; profile: string };
  'arbiter.leases': { id: string; kind: string; what: string; owner: string; host: string };
  'arbiter.executors': { id: string; pid: number; host: string; version: string; started_ms: number };
  'arbiter.schedules': { name: string; last_ms: number };
}
