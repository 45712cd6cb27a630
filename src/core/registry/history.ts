import { z } from 'zod';
import { traitSchema } from './agent-traits.js';
import { agentProfileSchema } from './agent-profile.js';
import { addMoment, momentsSchema, noMoments } from './moments.js';
import { countValue, sketchSchema } from './quantile-sketch.js';

const count = z.number().int().nonnegative();

/** One outcome as the registry takes it in: how a version of an agent fared at one attempt, as the verdict says. */
export const observationSchema = z
  .strictObject({
    /** Of the routing decision (or attempt) whose outcome this is: taken in once. */
    decision_id: z.string().min(1).max(128),
    /** Counts up when the outcome is revised: the highest stands for the decision. */
    revision: count.default(0),
    agent: agentProfileSchema.shape.name,
    version: z.string().min(1).max(64),
    surface: traitSchema,
    complexity: traitSchema,
    /** Languages and task types that it was about: what a specialisation may be learned of. */
    tags: z.array(traitSchema).max(16).default([]),
    passed: z.boolean(),
    reward: z.number().min(0).max(1),
    cost_micro_usd: count,
    latency_ms: count,
    at_ms: count,
  })
  .meta({ id: 'AgentObservation' });
export type Observation = z.infer<typeof observationSchema>;

/**
 * How one version of an agent fared on one surface at one complexity, so that easy tasks say nothing of hard ones.
 * Rewards in millionths, money in micro-dollars, time in milliseconds.
 */
export const historySchema = z
  .strictObject({
    n: count,
    passed: count,
    reward: momentsSchema,
    cost: momentsSchema,
    latency: momentsSchema,
    latency_sketch: sketchSchema,
    tags: z.record(traitSchema, z.strictObject({ n: count, passed: count })),
  })
  .meta({ id: 'AgentHistory' });
export type AgentHistory = z.infer<typeof historySchema>;

export const noHistory: AgentHistory = {
  n: 0,
  passed: 0,
  reward: noMoments,
  cost: noMoments,
  latency: noMoments,
  latency_sketch: {},
  tags: {},
};

/** Which history an observation belongs to. */
export interface HistoryPlace {
  readonly agent: string;
  readonly version: string;
  readonly surface: string;
  readonly complexity: string;
}

/** The key of a place: unique, since none of its parts may hold what divides them. */
export function historyKey({ agent, version, surface, complexity }: HistoryPlace): string {
  return `${agent}@${version}/${surface}/${complexity}`;
}

/** The history with an observation taken in, or (−1) taken back. Order does not matter, to the byte. */
export function observe(history: AgentHistory, one: Observation, times: 1 | -1 = 1): AgentHistory {
  const passes = one.passed ? times : 0;
  return {
    n: history.n + times,
    passed: history.passed + passes,
    reward: addMoment(history.reward, Math.round(one.reward * 1_000_000), times),
    cost: addMoment(history.cost, one.cost_micro_usd, times),
    latency: addMoment(history.latency, one.latency_ms, times),
    latency_sketch: countValue(history.latency_sketch, one.latency_ms, times),
    tags: countTags(history.tags, one.tags, times, passes),
  };
}

function countTags(
  tags: AgentHistory['tags'],
  names: readonly string[],
  times: 1 | -1,
  passes: number,
): AgentHistory['tags'] {
  const counted = new Map(Object.entries(tags));
  for (const name of new Set(names)) {
    const { n, passed } = counted.get(name) ?? { n: 0, passed: 0 };
    if (n + times > 0) counted.set(name, { n: n + times, passed: passed + passes });
    else counted.delete(name);
  }
  return Object.fromEntries(counted);
}

/**
 * All histories, rebuilt from the observations alone, in whatever order they come: of each decision the highest revision
 * counts, once. Equal to what stands in a store that took the same observations in one by one.
 */
export function rebuildHistories(observations: Iterable<Observation>): ReadonlyMap<string, AgentHistory> {
  const latest = new Map<string, Observation>();
  for (const one of observations) {
    const known = latest.get(one.decision_id);
    if (known === undefined || known.revision < one.revision) latest.set(one.decision_id, one);
  }
  const histories = new Map<string, AgentHistory>();
  for (const one of latest.values()) {
    const key = historyKey(one);
    histories.set(key, observe(histories.get(key) ?? noHistory, one));
  }
  return histories;
}
