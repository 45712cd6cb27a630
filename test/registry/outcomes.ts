import type { Observation } from '../../src/core/registry/history.js';

/** Outcome number `index` of an agent: the same whoever makes it. */
export function outcomeOf(agent: string, index: number, more: Partial<Observation> = {}): Observation {
  return {
    decision_id: `${agent}-${index}`,
    revision: 0,
    agent,
    version: '1',
    surface: 'code-editing',
    complexity: 'standard',
    tags: [index % 2 > 0 ? 'go' : 'rust'],
    passed: index % 3 > 0,
    reward: (index % 10) / 10,
    cost_micro_usd: 1000 + index,
    latency_ms: 100 + ((index * 37) % 5000),
    at_ms: 1_800_000_000_000 + index,
    ...more,
  };
}
