import { queryAgents, takeSnapshot, withAgent } from '../../src/core/registry/snapshot.js';
import { quantile } from '../speed/row.js';
import { agentOf, needs } from './agents.js';

/** Figures of a registry of so many agents, in microseconds. */
export interface MemoryFigures {
  readonly agents: number;
  readonly found: number;
  readonly queryP50: number;
  readonly queryP99: number;
  readonly queriesPerSecond: number;
  readonly updateP50: number;
  readonly updateP99: number;
}

const warmUp = 2_000;
/** Queries a second are the median of so many windows, so that other work of the machine moves few of them. */
const windows = 21;

/** Asks a snapshot of `count` agents for what tasks need, and changes one agent at a time. */
export function measureMemory(count: number): MemoryFigures {
  let snapshot = takeSnapshot(Array.from({ length: count }, (_, index) => agentOf(index)));
  const rounds = count > 10_000 ? 4_000 : 40_000;
  let found = 0;
  const ask = (round: number): number => {
    const need = needs[round % needs.length];
    return need === undefined ? 0 : queryAgents(snapshot, need).length;
  };
  for (let round = 0; round < warmUp; round += 1) ask(round);
  const perWindow = Math.ceil(rounds / windows);
  const rates = Array.from({ length: windows }, (_, window) => {
    const began = performance.now();
    for (let round = 0; round < perWindow; round += 1) found += ask(window * perWindow + round);
    return (perWindow / (performance.now() - began)) * 1000;
  });
  const queries = samples(rounds, ask);
  const updates = samples(
    Math.min(rounds, 10_000),
    (round) => {
      const entry = agentOf((round * 7919) % count);
      const from = performance.now();
      snapshot = withAgent(snapshot, { ...entry, status: round % 2 > 0 ? 'available' : 'busy' });
      return performance.now() - from;
    },
    true,
  );
  return {
    agents: count,
    found: found / (perWindow * windows),
    queryP50: quantile(queries, 0.5),
    queryP99: quantile(queries, 0.99),
    queriesPerSecond: quantile(rates, 0.5),
    updateP50: quantile(updates, 0.5),
    updateP99: quantile(updates, 0.99),
  };
}

/** Microseconds of each round; with `tells` the round itself says how long its timed part took. */
function samples(rounds: number, work: (round: number) => number, tells = false): number[] {
  return Array.from({ length: rounds }, (_, round) => {
    const from = performance.now();
    const told = work(round);
    return 1000 * (tells ? told : performance.now() - from);
  });
}
