import { type AgentProfile, agentProfileSchema } from '../../../core/registry/agent-profile.js';
import { knownProgram } from './known-programs.js';

/** A profile for a known program with its usual endpoint and model; null when it is not known or has no such side. */
export function suggestProfile(program: string, kind: 'acp' | 'cli'): AgentProfile | null {
  const known = knownProgram(program);
  if (known === null || known[kind] === null) return null;
  return agentProfileSchema.parse({
    name: kind === 'cli' ? known.name : `${known.name}-acp`,
    kind,
    program: known.name,
    model: known.model,
    endpoint: known.endpoint,
  });
}
