import { Fault } from '../../core/fault.js';
import type { QuarantinedRow } from '../../core/registry/registry-rows.js';
import type { RegistryFaultCode } from '../../ports/registry-store.js';

export type AgentNameFaultCode = 'AGENT_UNKNOWN';

/** The fault of a name that no agent has, or whose agent cannot be read. */
export function missingAgent(
  name: string,
  quarantined: readonly QuarantinedRow[] = [],
): Fault<AgentNameFaultCode | RegistryFaultCode> {
  const bad = quarantined.find(({ table, key }) => table === 'agents' && key === name);
  if (bad !== undefined) {
    return new Fault('AGENT_UNREADABLE', `the row of agent ${name} cannot be read: ${bad.problem}`, { mend: bad.mend });
  }
  return new Fault('AGENT_UNKNOWN', `there is no agent named ${JSON.stringify(name)}`, {
    mend: 'arbiter agents list shows those that there are',
  });
}
