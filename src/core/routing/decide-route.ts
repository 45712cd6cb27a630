import { capacityOf } from '../registry/health.js';
import { utilisationOf } from '../registry/load.js';
import type { EligibleArm, RouteDecision } from './decision.js';
import { drawArm } from './draw-arm.js';
import { type Contender, type TaskNeed, momentMasks } from './judge-arm.js';
import type { Field, Standing } from './lay-field.js';
import type { Mask } from './mask.js';
import type { Policy, PolicyState } from './policy.js';
import type { Affinity } from './session.js';
import { type Believed, spreadLoad, usualSpread } from './spread-load.js';

/** What a decision is asked with, beside the arms. */
export type Question = Pick<
  RouteDecision,
  | 'id'
  | 'task_id'
  | 'attempt'
  | 'parent'
  | 'cause'
  | 'at_ms'
  | 'surface'
  | 'complexity'
  | 'features'
  | 'scope'
  | 'draw'
  | 'prices'
> & {
  readonly seed: number;
  readonly task: TaskNeed;
  /** The session, and the agent that has its caches: it is kept while it is eligible. Null: of no session. */
  readonly session: Pick<Affinity, 'session' | 'agent'> | null;
};

/**
 * How a choice is carried out. `plan` is pure: the same arms give the same plan, so that `id` and `options`, which are
 * recorded, are enough to make it again.
 */
export interface Planner {
  readonly id: string;
  readonly options: RouteDecision['planner']['options'];
  plan(chosen: EligibleArm, eligible: readonly EligibleArm[]): Pick<RouteDecision, 'plan' | 'predicted'>;
}

/** Nobody can be asked: every arm with its reasons, and when waiting alone would help (null: it would not). */
export interface NoRoute {
  readonly masked: RouteDecision['masked'];
  readonly retryAtMs: number | null;
}

export type Routed =
  | { readonly kind: 'decided'; readonly decision: RouteDecision }
  | { readonly kind: 'no-arm'; readonly refusal: NoRoute };

// More arms than this are not weighed against each other: the record of a decision stays readable, and its time bounded.
const mostWeighed = 32;

/**
 * One decision: masks of the moment over the field, beliefs and chances by the policy, load among equals, one draw, one
 * plan. The record holds all that it rests on. @throws ROUTING_INPUT_INVALID
 */
export function decideRoute(
  policy: Policy,
  state: PolicyState,
  field: Field,
  question: Question,
  planner: Planner = planSingle,
): Routed {
  const { standing, masked, outranked, kept } = narrowField(field, question);
  if (standing.length === 0) return { kind: 'no-arm', refusal: { masked, retryAtMs: retryAt(field, question) } };
  const { seed, features, session } = question;
  const affinity = session === null ? null : { ...session, kept };
  const arms = standing.map((one) => one.candidate);
  const { propensities: weighed, scores } = policy.weigh(state, { arms, features, seed });
  const believed = standing.map(({ contender: { arm }, candidate }): Believed => {
    const { success, evidence } = policy.believe(state, candidate);
    return { arm, success, evidence, cost_micro_usd: candidate.cost, latency_ms: candidate.latency };
  });
  const utilisations = standing.map(({ contender }) => utilisationOfEntry(contender));
  const spread = { ...usualSpread, utilisations, weighed };
  const propensities = spreadLoad(weighed, believed, spread, policy.options.trade);
  const eligible = believed.map(({ arm, success, evidence, cost_micro_usd, latency_ms }, at): EligibleArm => {
    const { key, success: before, evidence: worth } = arms[at] ?? unknownArm(arm.agent);
    return {
      arm,
      propensity: propensities[at] ?? 0,
      score: scores[at] ?? 0,
      success,
      evidence,
      cost_micro_usd,
      latency_ms,
      prior: { success: before, evidence: worth },
      state: state.arms[key] ?? null,
      pending: state.pending[key] ?? 0,
    };
  });
  const { need } = question.task;
  const also = { policy: nameOf(policy, seed), need, affinity, eligible, spread, masked, outranked };
  return { kind: 'decided', decision: conclude(recordOf(question, also), planner) };
}

type Asked = Omit<Question, 'seed' | 'task' | 'session'>;

/** The record so far, each field by its name: to spread a question that leaves out the rest takes ten times as long. */
function recordOf(asked: Asked, also: Omit<Unconcluded, keyof Asked>): Unconcluded {
  const { id, task_id, attempt, parent, cause, at_ms, surface, complexity, features, scope, draw, prices } = asked;
  const { policy, need, affinity, eligible, spread, masked, outranked } = also;
  return {
    id,
    task_id,
    attempt,
    parent,
    cause,
    at_ms,
    surface,
    complexity,
    features,
    scope,
    draw,
    prices,
    policy,
    need,
    affinity,
    eligible,
    spread,
    masked,
    outranked,
  };
}

interface Narrowed {
  readonly standing: readonly Standing[];
  readonly masked: RouteDecision['masked'];
  readonly outranked: number;
  /** Whether a session's agent is the only one that is left standing, for its caches. */
  readonly kept: boolean;
}

type Unconcluded = Omit<RouteDecision, 'chosen' | 'planner' | 'plan' | 'predicted'>;

/** The draw, and the plan that follows from it. */
export function conclude(decision: Unconcluded, planner: Planner): RouteDecision {
  const propensities = decision.eligible.map(({ propensity }) => propensity);
  const chosen = decision.eligible[drawArm(propensities, decision.draw)];
  if (chosen === undefined) throw new RangeError('a draw always falls on one of the arms');
  const { id, options } = planner;
  const planned = planner.plan(chosen, decision.eligible);
  return { ...decision, chosen: chosen.arm.agent, planner: { id, options }, ...planned };
}

function unknownArm(agent: string): never {
  throw new RangeError(`${agent} was not weighed`);
}

function utilisationOfEntry({ entry: { profile, load, health } }: Contender): number {
  return utilisationOf(load, capacityOf(profile.limits.concurrency, health));
}

/** The chosen agent alone. */
export const planSingle: Planner = {
  id: 'single',
  options: {},
  plan: ({ arm, success, cost_micro_usd, latency_ms }) => ({
    plan: { kind: 'single', agent: arm.agent },
    predicted: { success, cost_micro_usd, latency_ms },
  }),
};

function nameOf({ options, version }: Policy, seed: number): RouteDecision['policy'] {
  return { id: options.name, version, options, seed };
}

function narrowField({ ranked, masked: before }: Field, { task, session }: Question): Narrowed {
  const barred: RouteDecision['masked'][number][] = [];
  const standing: Standing[] = [];
  let seen = 0;
  for (const one of ranked) {
    if (standing.length === mostWeighed) break;
    seen += 1;
    const masks = momentMasks(one.contender, one.breaker, task);
    if (masks.length === 0) standing.push(one);
    else barred.push({ agent: one.contender.arm.agent, masks });
  }
  const outranked = ranked.length - seen;
  const kept = findKept(ranked, task, session?.agent ?? null);
  if (kept === undefined) return { standing, masked: before.concat(barred), outranked, kept: false };
  const detail = `${kept.contender.arm.agent} has the session’s caches and can be asked`;
  const mask: Mask = { mask: 'affinity', detail, mend: 'leave the session out, or begin another' };
  for (const one of standing) if (one !== kept) barred.push({ agent: one.contender.arm.agent, masks: [mask] });
  const behind = outranked - (standing.includes(kept) ? 0 : 1);
  return { standing: [kept], masked: before.concat(barred), outranked: behind, kept: true };
}

/** The session's agent where it can be asked, however many stand before it. */
function findKept(ranked: Field['ranked'], task: TaskNeed, agent: string | null): Standing | undefined {
  if (agent === null) return undefined;
  const found = ranked.find(({ contender }) => contender.arm.agent === agent);
  return found !== undefined && momentMasks(found.contender, found.breaker, task).length === 0 ? found : undefined;
}

/** The first moment at which an arm is free whose open breaker is all that keeps it out. */
function retryAt({ ranked }: Field, { task }: Question): number | null {
  const times = ranked.flatMap(({ contender, breaker }) => {
    const masks = momentMasks(contender, breaker, task);
    const waits = masks.length > 0 && masks.every(({ mask }) => mask === 'breaker-open');
    return waits && contender.openUntilMs !== null ? [contender.openUntilMs] : [];
  });
  return times.length === 0 ? null : Math.min(...times);
}
