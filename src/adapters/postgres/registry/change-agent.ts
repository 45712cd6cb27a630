import type { PoolClient } from 'pg';
import { Fault } from '../../../core/fault.js';
import { hear } from '../../../core/registry/health.js';
import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import {
  type AgentVersionRecord,
  agentVersionRecordSchema,
  readHistory,
  readProfile,
  readRow,
} from '../../../core/registry/registry-rows.js';
import { type KnownHistory, inheritAll } from '../../../core/registry/inherit-all.js';
import { standName } from '../../../core/registry/stand.js';
import type { Change, RegistryFaultCode } from '../../../ports/registry-store.js';
import { changeHealth } from './change-row.js';

/** Changes a profile in the transaction of the client; null where there is no such agent. @throws AGENT_UNREADABLE */
export async function changeProfile(
  client: PoolClient,
  name: string,
  change: Change<AgentProfile>,
): Promise<AgentProfile | null> {
  const before = await lockProfile(client, name);
  if (before === null) return null;
  const after = change(before);
  await storeProfile(client, after);
  await noteVersion(client, after, 0);
  return after;
}

/** Adds an agent or replaces it by name; it counts as heard of. */
export async function putAgent(client: PoolClient, profile: AgentProfile, nowMs: number): Promise<void> {
  await client.query(
    `insert into arbiter.agents (name, profile) values ($1, $2)
      on conflict (name) do update set profile = excluded.profile`,
    [profile.name, JSON.stringify(profile)],
  );
  await noteVersion(client, profile, nowMs);
  await changeHealth(client, profile.name, (health) =>
    hear(health.heard_ms === 0 ? { ...health, heard_ms: nowMs } : health, nowMs),
  );
}

/** The version's own record says what it is; a version that there was no record of starts one here. */
async function noteVersion(client: PoolClient, profile: AgentProfile, nowMs: number): Promise<void> {
  const { name, version } = profile;
  const known = await readVersion(client, name, version);
  const record = known ?? { version, parent: null, discount: 0, made_ms: nowMs, profile, inherited: {} };
  await storeVersion(client, name, { ...record, profile });
}

/** Puts another version in the place of the one in use. @throws AGENT_UNREADABLE */
export async function swapVersion(
  client: PoolClient,
  next: AgentProfile,
  discount: number,
  nowMs: number,
  from?: string,
): Promise<AgentVersionRecord | null> {
  const { name } = next;
  const current = await lockProfile(client, name);
  if (current === null || (from !== undefined && current.version !== from)) return null;
  await storeProfile(client, next);
  const record = await recordOf(client, next, current, { discount, nowMs });
  await storeVersion(client, name, record);
  return record;
}

/** Has a version stand beside the one in use. @throws AGENT_UNREADABLE */
export async function standBeside(
  client: PoolClient,
  candidate: AgentProfile,
  discount: number,
  nowMs: number,
): Promise<AgentVersionRecord | null> {
  const { name, version } = candidate;
  const current = await lockProfile(client, name);
  if (current === null || current.version === version) return null;
  const record = { ...(await recordOf(client, candidate, current, { discount, nowMs })), stands: true as const };
  await storeVersion(client, name, record);
  // It was looked for when it was named: a silence begins now.
  await changeHealth(client, standName(name, version), (health) =>
    hear(health.heard_ms === 0 ? { ...health, heard_ms: nowMs } : health, nowMs),
  );
  return record;
}

/** Retires a version that is not in use. @throws AGENT_UNREADABLE */
export async function retireVersion(
  client: PoolClient,
  name: string,
  version: string,
): Promise<AgentVersionRecord | null> {
  const current = await lockProfile(client, name);
  const was = await readVersion(client, name, version);
  if (was === null || current?.version === version) return null;
  const { stands: _, ...record } = { ...was, profile: { ...was.profile, status: 'retired' as const } };
  await storeVersion(client, name, record);
  return record;
}

/** A version's record with this profile, standing no more: its own, or one that starts from the version in use. */
async function recordOf(
  client: PoolClient,
  profile: AgentProfile,
  current: AgentProfile,
  { discount, nowMs }: { readonly discount: number; readonly nowMs: number },
): Promise<AgentVersionRecord> {
  const was = await readVersion(client, profile.name, profile.version);
  if (was !== null) {
    const { stands: _, ...record } = { ...was, profile };
    return record;
  }
  const histories = await historiesOf(client, profile.name, current.version);
  const inherited = inheritAll(histories, await inheritedOf(client, current), discount);
  return { version: profile.version, parent: current.version, discount, made_ms: nowMs, profile, inherited };
}

async function lockProfile(client: PoolClient, name: string): Promise<AgentProfile | null> {
  const { rows } = await client.query<{ profile: string }>(
    'select profile::text as profile from arbiter.agents where name = $1 for update',
    [name],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const read = readProfile(name, row.profile);
  if ('value' in read) return read.value;
  throw new Fault<RegistryFaultCode>('AGENT_UNREADABLE', `the row of agent ${name} cannot be read: ${read.problem}`, {
    mend: 'add it again (arbiter agents add), or remove it (arbiter agents remove)',
  });
}

async function storeProfile(client: PoolClient, profile: AgentProfile): Promise<void> {
  await client.query('update arbiter.agents set profile = $2 where name = $1', [profile.name, JSON.stringify(profile)]);
}

async function readVersion(client: PoolClient, name: string, version: string): Promise<AgentVersionRecord | null> {
  const { rows } = await client.query<{ record: string }>(
    'select record::text as record from arbiter.agent_versions where agent = $1 and version = $2',
    [name, version],
  );
  const [row] = rows;
  const read = row === undefined ? null : readRow(row.record, agentVersionRecordSchema);
  return read !== null && 'value' in read ? read.value : null;
}

async function storeVersion(client: PoolClient, name: string, record: AgentVersionRecord): Promise<void> {
  await client.query(
    `insert into arbiter.agent_versions (agent, version, record) values ($1, $2, $3)
      on conflict (agent, version) do update set record = excluded.record`,
    [name, record.version, JSON.stringify(record)],
  );
}

async function inheritedOf(
  client: PoolClient,
  { name, version }: AgentProfile,
): Promise<AgentVersionRecord['inherited']> {
  return (await readVersion(client, name, version))?.inherited ?? {};
}

/** What can be read of a version's histories; what cannot is not passed on. */
async function historiesOf(client: PoolClient, name: string, version: string): Promise<readonly KnownHistory[]> {
  const { rows } = await client.query<{ surface: string; complexity: string; state: string; digest: string }>(
    'select surface, complexity, state, digest from arbiter.agent_history where agent = $1 and version = $2 for share',
    [name, version],
  );
  return rows.flatMap(({ surface, complexity, state, digest }) => {
    const read = readHistory(state, digest);
    return 'value' in read ? [{ surface, complexity, history: read.value }] : [];
  });
}
