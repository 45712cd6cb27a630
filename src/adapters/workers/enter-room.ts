import type { AgentProfile, Price } from '../../core/registry/agent-profile.js';
import type { EnterRoom } from './agent-room.js';
import type { RoomParts } from './room/room-request.js';
import { createMeter } from './spend/create-meter.js';
import { observeUsage } from './spend/observe-usage.js';
import { priceOfAgent } from './spend/price-of-agent.js';

/** Who has no endpoint cannot spend. */
const nothing: Price = { input: 0, output: 0 };

/** Opens rooms whose relay counts into a meter of the assignment's bounds; the meter ends with the room. */
export function createEnterRoom(parts: RoomParts): EnterRoom {
  return async ({ assignment, mode, installs, signal }) => {
    // Loaded now: most commands send nobody to work.
    const { openRoom } = await import('./room/open-room.js');
    const meter = createMeter({ price: priceOf(assignment.agent), bounds: assignment.bounds });
    try {
      const observe = observeUsage(meter);
      const room = await openRoom(parts, { assignment, meter, mode, installs, observe, signal });
      const close = room.close.bind(room);
      room.close = () => close().finally(() => meter.close());
      return room;
    } catch (error) {
      meter.close();
      throw error;
    }
  };
}

function priceOf(agent: AgentProfile): Price {
  return agent.endpoint === null ? (agent.price ?? nothing) : priceOfAgent(agent).price;
}
