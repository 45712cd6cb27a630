import { markedWith, runMarker } from './bare.js';
import { environmentOf, readProcess } from './process-table.js';

/**
 * Kills processes of bare runs whose Arbiter is no more; returns how many. (A bubblewrap run dies with its Arbiter.)
 * None where there is no /proc.
 */
export function killAbandonedProcesses(): number {
  let killed = 0;
  for (const pid of markedWith(null)) {
    const marker = new RegExp(`(?:^|\\0)${runMarker}=(\\d+)\\.(\\d+)\\.[0-9a-f]{24}(?:\\0|$)`);
    const [, owner, startTicks] = marker.exec(environmentOf(pid) ?? '') ?? [];
    if (owner === undefined) continue;
    const row = readProcess(Number(owner));
    if (row !== null && !row.dead && row.startTicks === Number(startTicks)) continue;
    try {
      process.kill(pid, 'SIGKILL');
      killed += 1;
    } catch {
      // Gone by itself, or another user's.
    }
  }
  return killed;
}
