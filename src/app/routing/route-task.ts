import { armKey } from '../../core/routing/arm.js';
import { type NoRoute, type Question, type Routed, decideRoute } from '../../core/routing/decide-route.js';
import { layField } from '../../core/routing/lay-field.js';
import { agentsOf } from '../../core/routing/plan.js';
import { createPolicy } from '../../core/routing/policies/create-policy.js';
import type { PolicyState } from '../../core/routing/policy.js';
import { agentOfSession } from '../../core/routing/session.js';
import { formatInstant } from '../../core/time.js';
import { createPlanner } from '../../core/tasks/plan-route.js';
import type { Task } from '../../core/tasks/task.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { Clock } from '../../ports/clock.js';
import { type Bearing, askRollouts, logShadows } from '../rollout/in-the-loop.js';
import { type VersionKeeper, settleVersions } from '../rollout/settle-versions.js';
import { type TaskLaw, askRoute } from './ask-route.js';
import { learnTask, type LearningWorld } from './learn-task.js';
import { longestRestMs, mendRest, takeTrials } from '../registry/rest-of-agent.js';
import { type ContenderWorld, listContenders } from './list-contenders.js';
import { relearn } from './teach.js';

export interface RoutingWorld extends ContenderWorld, LearningWorld {
  readonly registry: ContenderWorld['registry'] & LearningWorld['registry'] & VersionKeeper;
  readonly clock: Pick<Clock, 'nowMs' | 'randomBytes' | 'pause'>;
}

/**
 * Chooses who works on a task that names nobody: masks, what is expected of each, the policy, one draw, one plan. The
 * decision is stored before anybody acts on it, and its id is part of the story; done twice, the first one stands.
 * What an earlier decision of this task came to is learned before the next is made.
 * @throws ROUTING_INPUT_INVALID, CASCADE_INPUT_INVALID, and what the store throws: nobody is asked then
 */
export async function routeTask(
  world: RoutingWorld,
  task: Task,
  law: TaskLaw,
  signal: AbortSignal,
): Promise<TaskEvent> {
  await learnTask(world, task);
  const until = world.clock.nowMs() + longestRestMs;
  for (;;) {
    const found = await routeOnce(world, task, law);
    if ('type' in found) return found;
    const { retryAtMs, refusal } = found;
    const nowMs = world.clock.nowMs();
    if (retryAtMs > until || signal.aborted) return resting(refusal, retryAtMs, nowMs);
    await world.clock.pause(Math.max(50, retryAtMs - nowMs), signal);
  }
}

/** Nobody is free now, and somebody will be: when the first breaker lets a call through again. */
interface Resting {
  readonly retryAtMs: number;
  readonly refusal: NoRoute;
}

/** One look at who can be asked. */
async function routeOnce(world: RoutingWorld, task: Task, law: TaskLaw): Promise<TaskEvent | Resting> {
  const { clock, routes, rollouts } = world;
  const asked = askRoute(clock, task, law);
  if (asked === null) return contradicted(task, law, clock.nowMs());
  const { kind, planning } = asked;
  const { at_ms, scope } = asked.question;
  // First, so that an accepted version is in use, and one that was taken back is not, before anybody is looked at.
  const running = await settleVersions(rollouts, world.registry, at_ms);
  const { contenders, estimateOf, prices } = await listContenders(world, { kind, nowMs: at_ms, taskId: task.id });
  const keys = contenders.map(({ arm }) => armKey(arm));
  const tried = contenders.filter(({ arm }) => asked.question.task.tried.includes(arm.agent));
  const about = { taskId: task.id, surface: kind.surface, tried: tried.map(({ arm }) => armKey(arm)) };
  const bearing = askRollouts(running, about, law.config.routing.policy);
  const state = await recallAll(world, scope, keys);
  const question = { ...asked.question, prices, session: await recallSession(routes, task, kind.repository) };
  const choose = ({ policy, withheld }: Bearing, waits = false): Routed => {
    const standing = contenders.map((one) => ({ ...one, withheld: withheld(one.arm) }));
    const field = layField(standing, estimateOf, state, question.task, policy.trade);
    const put = { ...question, task: { ...question.task, waits } };
    return decideRoute(createPolicy(policy), state, field, put, createPlanner(planning));
  };
  // Where a candidate cannot be asked the incumbent is; where all are at work, the task waits in the lane of one of them.
  const routed = firstDecided([
    () => choose(bearing),
    () => choose(bearing.otherwise),
    () => choose(bearing.otherwise, true),
  ]);
  if (routed.kind === 'no-arm') return restOrEnd(routed.refusal, at_ms);
  const chosen = contenders.find(({ arm }) => arm.agent === routed.decision.chosen);
  // Its breaker lets one call through, and another task was quicker: who is left is looked at again, at once.
  const isMine = chosen === undefined || (await takeTrials(world.registry, chosen.entry.profile, task.id));
  if (!isMine) return routeOnce(world, task, law);
  const decision = await routes.record(routed.decision, kind.repository);
  await logShadows(rollouts, bearing.shadows, decision, (aside) => {
    const shadow = choose(aside, true);
    return shadow.kind === 'no-arm' ? null : shadow.decision.chosen;
  });
  const { id, plan } = decision;
  return { type: 'worker-chosen', at_ms, ladder: [...agentsOf(plan)], routed: { decision: id, plan } };
}

/** The session that the task belongs to, and the agent that its last task left its caches with; null: none. */
async function recallSession(
  routes: RoutingWorld['routes'],
  { id, request: { session } }: Task,
  repository: string,
): Promise<Question['session']> {
  if (session === undefined) return null;
  return { session, agent: agentOfSession(await routes.lastOfSession({ session, repository, beside: id })) };
}

/** What policies remember; a row that cannot be read is made again from what it was told. */
async function recallAll({ routes }: RoutingWorld, scope: string, keys: readonly string[]): Promise<PolicyState> {
  const { memory, unreadable } = await routes.recall(scope, keys);
  if (unreadable.length === 0) return memory;
  for (const arm of unreadable) await routes.mend(scope, arm, relearn);
  return (await routes.recall(scope, keys)).memory;
}

function restOrEnd(refusal: NoRoute, atMs: number): TaskEvent | Resting {
  const { retryAtMs } = refusal;
  return retryAtMs === null ? nobody(refusal, atMs) : { retryAtMs, refusal };
}

/** The first of these that is a decision, else the last refusal. */
function firstDecided(tries: readonly (() => Routed)[]): Routed {
  let last: Routed = { kind: 'no-arm', refusal: { masked: [], retryAtMs: null } };
  for (const attempt of tries) {
    last = attempt();
    if (last.kind === 'decided') return last;
  }
  return last;
}

/** Every breaker of those that could be asked is open for longer than a task waits: refused, with the time. */
function resting(refusal: NoRoute, retryAtMs: number, at_ms: number): TaskEvent {
  const at = formatInstant(retryAtMs);
  const told = refusal.masked.map(({ agent, masks }) => `${agent} ${masks.map(({ detail }) => detail).join(', ')}`);
  const message = `no agent can be asked before ${at}: ${told.join('; ')}`;
  const names = refusal.masked.filter(({ masks }) => masks.some(({ mask }) => mask === 'breaker-open'));
  const mend = `ask again after ${at}; ${mendRest(names.map(({ agent }) => agent))}`;
  return { type: 'no-worker-found', at_ms, reason: { code: 'AGENTS_RESTING', message, mend } };
}

/** The repository allows some regions and the task others. */
function contradicted({ request }: Task, { config }: TaskLaw, at_ms: number): TaskEvent {
  const [asked, allowed] = [request.needs?.residency ?? [], config.routing.needs.residency];
  const message = `the task asks for models at ${asked.join(' or ')}, and the repository for models at ${allowed.join(' or ')}`;
  const mend = `ask for one of ${allowed.join(', ')}, or have routing.needs of .caws/arbiter.yaml changed at the base`;
  return { type: 'no-worker-found', at_ms, reason: { code: 'NEED_CONTRADICTED', message, mend } };
}

/** Nobody can be asked: which masks keep whom out, and what would lift them. */
function nobody({ masked }: NoRoute, at_ms: number): TaskEvent {
  const told = masked.map(({ agent, masks }) => `${agent} ${masks.map(({ detail }) => detail).join(', ')}`);
  const mends = [...new Set(masked.flatMap(({ masks }) => masks.map(({ mend }) => mend)))].slice(0, 5);
  const message = told.length === 0 ? 'there is no agent yet' : `no agent can be asked: ${told.join('; ')}`;
  const mend =
    mends.length === 0
      ? 'arbiter agents list shows agents and what they lack, arbiter agents add makes one'
      : mends.join('; ');
  return { type: 'no-worker-found', at_ms, reason: { code: 'AGENT_MISSING', message, mend } };
}
