import { performance } from 'node:perf_hooks';
import { createRandom } from '../../src/core/random.js';
import { armKey } from '../../src/core/routing/arm.js';
import { type Question, decideRoute } from '../../src/core/routing/decide-route.js';
import type { RouteDecision } from '../../src/core/routing/decision.js';
import { type Field, layField } from '../../src/core/routing/lay-field.js';
import { createPolicy } from '../../src/core/routing/policies/create-policy.js';
import type { PolicyOptions } from '../../src/core/routing/policy-options.js';
import type { PolicyState } from '../../src/core/routing/policy.js';
import { quantile } from '../speed/row.js';
import { type RoutingWorld, createRoutingWorld } from './world.js';

/** What one policy takes at one number of agents. */
export interface Measured {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** P99 of the processor's time, which other work on the machine does not lengthen. */
  readonly cpuP99Ms: number;
  /** Decisions a second, outcomes learned and the field laid anew once a second included. */
  readonly perSecond: number;
  /** The same by a second of the processor's time, all threads of the process (garbage collection too) together. */
  readonly perCpuSecond: number;
  readonly fieldMs: number;
  readonly learnP95Ms: number;
  readonly recordBytes: number;
}

const underWay = 64;
// Asking for the processor's time takes a third as long as a decision.
const cpuSampledEvery = 64;
const fieldLastsMs = 1000;
// A field that takes long to lay is laid so seldom that it takes a tenth of the time.
const shareOfLaying = 10;
const warmUp = 2000;
const longestMs = 4000;
const most = 40_000;

/** Decides for up to four seconds after a warm-up, by a policy among this many agents. */
export function measureDecisions(agents: number, options: PolicyOptions): Measured {
  const world = createRoutingWorld(agents);
  const policy = createPolicy(options);
  const random = createRandom(7);
  const fieldTimes: number[] = [];
  const decisionTimes: number[] = [];
  const cpuTimes: number[] = [];
  const learnTimes: number[] = [];
  const open: RouteDecision[] = [];
  const memory = createMemory();
  let field = timed(fieldTimes, () =>
    layField(world.contenders, world.estimateOf, memory.state, world.task, policy.options.trade),
  );
  let laidAt = performance.now();

  const turn = (): void => {
    const question = questionOf(world, random.bits(), random.uniform());
    const isSampled = decisionTimes.length % cpuSampledEvery === 0;
    const cpuBegun = isSampled ? cpuMs() : 0;
    const decision = timed(decisionTimes, () => decideAndPend(policy, memory, field, question));
    if (isSampled) cpuTimes.push(cpuMs() - cpuBegun);
    open.push(decision);
    if (open.length <= underWay) return;
    const [first] = open.splice(0, 1);
    if (first === undefined) return;
    const reward = random.uniform() < world.truthOf(first.chosen) ? 1 : 0;
    timed(learnTimes, () => learnFrom(policy, memory, first, reward));
  };

  const renew = (): void => {
    const lasts = Math.max(fieldLastsMs, shareOfLaying * (fieldTimes.at(-1) ?? 0));
    if (performance.now() - laidAt < lasts) return;
    field = timed(fieldTimes, () =>
      layField(world.contenders, world.estimateOf, memory.state, world.task, policy.options.trade),
    );
    laidAt = performance.now();
  };

  const warmedBy = performance.now() + longestMs / 2;
  for (let at = 0; at < warmUp && performance.now() < warmedBy; at += 1) turn();
  decisionTimes.length = 0;
  cpuTimes.length = 0;
  learnTimes.length = 0;
  const begun = performance.now();
  const cpuStart = cpuMs();
  while (decisionTimes.length < most && performance.now() - begun < longestMs) {
    renew();
    turn();
  }
  const elapsedMs = performance.now() - begun;
  const spentMs = cpuMs() - cpuStart;
  return {
    p50Ms: quantile(decisionTimes, 0.5),
    p99Ms: quantile(decisionTimes, 0.99),
    cpuP99Ms: quantile(cpuTimes, 0.99),
    perSecond: (decisionTimes.length / elapsedMs) * 1000,
    perCpuSecond: (decisionTimes.length / spentMs) * 1000,
    fieldMs: quantile(fieldTimes, 0.5),
    learnP95Ms: quantile(learnTimes, 0.95),
    recordBytes: JSON.stringify(open[0]).length,
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function timed<Result>(times: number[], work: () => Result): Result {
  const begun = performance.now();
  const result = work();
  times.push(performance.now() - begun);
  return result;
}

type Policy = ReturnType<typeof createPolicy>;

/** What the policy remembers, as the store keeps it: a row an arm, of which each change writes one. */
interface Memory {
  readonly state: PolicyState;
  change(key: string, by: (row: PolicyState) => PolicyState): void;
}

function createMemory(): Memory {
  const state = { arms: {} as PolicyState['arms'], pending: {} as PolicyState['pending'] };
  return {
    state,
    change(key, by) {
      const { [key]: arm } = state.arms;
      const row = by({ arms: arm === undefined ? {} : { [key]: arm }, pending: { [key]: state.pending[key] ?? 0 } });
      const { [key]: changed } = row.arms;
      if (changed !== undefined) state.arms[key] = changed;
      state.pending[key] = row.pending[key] ?? 0;
    },
  };
}

function decideAndPend(policy: Policy, memory: Memory, field: Field, question: Question): RouteDecision {
  const routed = decideRoute(policy, memory.state, field, question);
  if (routed.kind !== 'decided') throw new Error('nobody is eligible in the bench’s world');
  const { decision } = routed;
  const key = keyOf(decision);
  memory.change(key, (row) => policy.pend(row, key));
  return decision;
}

function learnFrom(policy: Policy, memory: Memory, decision: RouteDecision, reward: number): void {
  const key = keyOf(decision);
  memory.change(key, (row) => policy.learn(row, { key, features: decision.features, reward }));
}

function keyOf({ chosen }: RouteDecision): string {
  return armKey({ agent: chosen, version: '1' });
}

function questionOf(world: RoutingWorld, seed: number, draw: number): Question {
  return {
    id: '01JDQ5E4M0ABCDEFGHJKMNPQRS',
    task_id: '01JDQ5E4M0ABCDEFGHJKMNPQRT',
    attempt: 1,
    parent: null,
    cause: 'first',
    at_ms: world.task.nowMs,
    surface: 'code-editing',
    complexity: 'standard',
    features: { hardness: draw, words: (seed % 100) / 100, lines: 0.2 },
    scope: 'code-editing/standard/',
    draw,
    prices: 'bench',
    seed,
    task: world.task,
    session: null,
  };
}
