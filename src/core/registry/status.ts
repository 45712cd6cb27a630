import { z } from 'zod';
import type { AgentProfile } from './agent-profile.js';
import { capacityOf, type Health, healthStateOf } from './health.js';
import type { Load } from './load.js';

/** What an agent is right now: what people say of it, or `busy` (all that it may do at a time is taken), or `offline` (not heard of). */
export const agentStatusSchema = z.enum(['available', 'busy', 'draining', 'offline', 'retired']);
export type AgentStatus = z.infer<typeof agentStatusSchema>;

/** What people say outranks what is measured; silence outranks load. */
export function statusOf(profile: AgentProfile, load: Load, health: Health, nowMs: number): AgentStatus {
  if (profile.status !== 'available') return profile.status;
  if (healthStateOf(health, nowMs) === 'stale') return 'offline';
  return load.running >= capacityOf(profile.limits.concurrency, health) ? 'busy' : 'available';
}
