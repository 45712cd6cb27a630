import type { AgentProfile } from '../../core/registry/agent-profile.js';
import type { ErrorClass } from '../../core/registry/error-class.js';
import { formatInstant } from '../../core/time.js';
import { type Registry, agentBreaker, endpointBreaker } from './open-registry.js';

/** How long a task waits for breakers before it goes on without the agent, or is refused. */
export const longestRestMs = 60_000;

/** An agent that may not be called right now: a breaker that its calls go through is open. */
export interface Rest {
  readonly agent: string;
  readonly untilMs: number;
  readonly because: ErrorClass;
}

/** The breakers that a call of an agent goes through: its own, and that of its endpoint. */
export function breakersOf({ name, endpoint }: Pick<AgentProfile, 'name' | 'endpoint'>): readonly string[] {
  return [agentBreaker(name), ...(endpoint === null ? [] : [endpointBreaker(endpoint.base_url)])];
}

/** The breaker of an agent that lets a call through last; null: none is open for the task. */
export function restOf(registry: Pick<Registry, 'admits'>, profile: AgentProfile, taskId: string | null): Rest | null {
  const rests = breakersOf(profile).flatMap((key) => {
    const admission = registry.admits(key, taskId);
    return admission.state === 'open'
      ? [{ agent: profile.name, untilMs: admission.untilMs, because: admission.because }]
      : [];
  });
  return rests.reduce<Rest | null>((last, one) => (last === null || one.untilMs > last.untilMs ? one : last), null);
}

/**
 * Takes the one trial of each half-open breaker that a call of an agent goes through, over all processes; a task that has
 * it keeps it. False where another task has one of them: whoever looks again finds that breaker open.
 */
export async function takeTrials(
  registry: Pick<Registry, 'admits' | 'tryCall'>,
  profile: AgentProfile,
  taskId: string,
): Promise<boolean> {
  for (const key of breakersOf(profile)) {
    if (registry.admits(key, taskId).state === 'trial' && !(await registry.tryCall(key, taskId))) return false;
  }
  return true;
}

/** A rest in words that follow an agent's name. */
export function sayRest({ untilMs, because }: Rest): string {
  return `rests until ${formatInstant(untilMs)} (its breaker is open: ${because})`;
}

/** What ends a rest before its time. */
export function mendRest(agents: readonly string[]): string {
  const [name = 'NAME'] = agents;
  return `when what kept it away is mended, arbiter agents check ${name} lets it work again at once`;
}
