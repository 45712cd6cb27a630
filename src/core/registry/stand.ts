import type { AgentProfile } from './agent-profile.js';
import type { AgentVersionRecord } from './registry-rows.js';

/**
 * The name under which a version of an agent works beside the one in use: `agent@version`. Its load, its health and its
 * breaker are kept under it, so that what it breaks is not the other's fault; its history is the version's, as ever.
 */
export function standName(agent: string, version: string): string {
  return `${agent}@${version}`;
}

/** The agent that works under a name: the name itself, or what stands before its `@`. */
export function agentOfStand(name: string): string {
  const at = name.indexOf('@');
  return at < 0 ? name : name.slice(0, at);
}

/** The version that a name says; null for a name that says none. No agent's name holds an `@`. */
export function versionOfStand(name: string): string | null {
  const at = name.indexOf('@');
  return at < 0 ? null : name.slice(at + 1);
}

/**
 * The profile of a version under the name that it stands by: one that stands beside the one in use, or that one itself.
 * It is drained and put offline with its agent. Null where it does not stand: it was taken back, or never stood.
 */
export function profileOfStand(
  inUse: AgentProfile,
  record: AgentVersionRecord | null,
  version: string,
): AgentProfile | null {
  const name = standName(inUse.name, version);
  if (inUse.version === version) return { ...inUse, name };
  return record?.stands === true ? { ...record.profile, name, status: inUse.status } : null;
}
