import { Fault } from '../../../core/fault.js';
import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import type { WorkerFaultCode } from '../../../ports/worker.js';
import { longestRestMs, mendRest, restOf, sayRest, takeTrials } from '../../registry/rest-of-agent.js';
import type { StageContext } from '../stages.js';
import type { TaskWorld } from './task-world.js';

/**
 * Waits until the agent's breakers let the task call it, a minute at most; of a half-open one the task takes the one trial.
 * Asked at the start of every work: a breaker may have opened since the agent was chosen.
 * @throws AGENT_RESTING
 */
export async function awaitAgent(
  { registry, ports: { clock } }: Pick<TaskWorld, 'registry' | 'ports'>,
  profile: AgentProfile,
  taskId: string,
  { signal, tell }: Pick<StageContext, 'signal' | 'tell'>,
): Promise<void> {
  const untilMs = clock.nowMs() + longestRestMs;
  // What others did is heard within moments, and who takes a trial asks the store: only before it waits, or is refused,
  // does a task have to look.
  for (let looks = 0; ; looks += 1) {
    if (looks > 0) await registry.refresh();
    const rest = restOf(registry, profile, taskId);
    if (rest === null && (await takeTrials(registry, profile, taskId))) return;
    if (rest === null || looks === 0) continue;
    const nowMs = clock.nowMs();
    if (rest.untilMs > untilMs) {
      throw new Fault<WorkerFaultCode>('AGENT_RESTING', `${profile.name} ${sayRest(rest)}`, {
        mend: mendRest([profile.name]),
      });
    }
    tell('note', `${profile.name} ${sayRest(rest)}: the task waits`);
    await clock.pause(Math.max(50, rest.untilMs - nowMs), signal);
    signal.throwIfAborted();
  }
}
