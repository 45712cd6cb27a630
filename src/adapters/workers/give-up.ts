import type { AgentRoom } from './agent-room.js';
import type { LiveRun } from './room/room.js';

const lookEveryMs = 500;
const mostRefusals = 3;

/**
 * Ends an agent whose key is refused again and again: some ask for many minutes, and a wrong key does not become right.
 * Answers what ends the watch.
 */
export function giveUpOnKey(room: AgentRoom, live: Pick<LiveRun, 'kill'>): () => void {
  const look = (): void => {
    if ((room.calls()?.keyRefused ?? 0) < mostRefusals) return;
    if (room.whyStopped()?.code === 'AGENT_REFUSED_KEY') live.kill();
  };
  const timer = setInterval(look, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
