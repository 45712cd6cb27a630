import { createDocuments } from '../../src/adapters/yaml/documents.js';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import type { OpenDatabase } from '../../src/adapters/postgres/open-database.js';
import { openTracker } from '../../src/app/learning/open-tracker.js';
import { openRegistry } from '../../src/app/registry/open-registry.js';
import type { LateWorld } from '../../src/app/routing/learn-late.js';
import { makeUlid } from '../../src/core/ids.js';
import type { Outcome, OutcomeVerdict } from '../../src/core/learning/outcome.js';
import { rewardOf } from '../../src/core/learning/reward.js';
import { type RouteDecision, routeDecisionSchema } from '../../src/core/routing/decision.js';
import { policyOptionsSchema } from '../../src/core/routing/policy-options.js';
import type { Complexity } from '../../src/core/routing/surface.js';
import { applyEvent } from '../../src/core/tasks/apply-event.js';
import type { Spend } from '../../src/core/tasks/spend.js';
import type { Task } from '../../src/core/tasks/task.js';
import type { TaskEvent } from '../../src/core/tasks/task-event.js';
import { aTask, submitted } from '../store/stores.js';
import { told } from '../tasks/scene.js';

/** One attempt of the agent: what it came to, and what it cost in micro-dollars. */
export interface Attempt {
  readonly end: 'PASS' | 'FAIL' | 'WAIVER_REQUIRED' | 'AGENT_FAILED' | 'CLONE_LOST';
  readonly cost: number;
}

export interface Story {
  readonly task: Task;
  readonly decision: RouteDecision;
}

const spend = (micro_usd: number): Spend => ({ micro_usd, input_tokens: 9, output_tokens: 1, turns: 1, wall_ms: 7 });
const sha = 'a'.repeat(64);
let counted = 0;

function aDecision(task: Task, agent: string, complexity: Complexity): RouteDecision {
  counted += 1;
  const bytes = new Uint8Array(10);
  bytes.set([process.pid >> 8, process.pid & 255, counted >> 8, counted & 255], 4);
  const arm = { agent, version: '1', model: 'm' };
  return routeDecisionSchema.parse({
    id: makeUlid(Date.now(), bytes),
    task_id: task.id,
    attempt: 1,
    parent: null,
    cause: 'first',
    at_ms: Date.now(),
    surface: 'code-editing',
    complexity,
    features: {},
    scope: `code-editing/${complexity}/r`,
    policy: { id: 'thompson', version: '1', options: policyOptionsSchema.parse({ name: 'thompson' }), seed: 7 },
    draw: 0.25,
    eligible: [
      {
        arm,
        propensity: 1,
        score: 0.5,
        success: 0.5,
        evidence: 0,
        cost_micro_usd: 100,
        latency_ms: 1000,
        prior: { success: 0.5, evidence: 0 },
        state: null,
        pending: 0,
      },
    ],
    masked: [],
    outranked: 0,
    chosen: agent,
    planner: { id: 'single', options: {} },
    plan: { kind: 'single', agent },
    predicted: { success: 0.5, cost_micro_usd: 100, latency_ms: 1000 },
    prices: 'p',
  });
}

/** A routed task that has ended, in the store: its decision and its story, of which nobody has learned or told anything. */
export async function layStory(
  { tasks, routes }: OpenDatabase,
  agent: string,
  complexity: Complexity,
  attempts: readonly Attempt[],
): Promise<Story> {
  let task = aTask({ refinements: 5 });
  await tasks.create(task, submitted, { maxOpen: 100_000 });
  const decision = await routes.record(aDecision(task, agent, complexity), 'r');
  const at_ms = Date.now();
  const events: TaskEvent[] = [
    told.admitted(),
    told.planned(),
    { type: 'worker-chosen', at_ms, ladder: [agent], routed: { decision: decision.id, plan: decision.plan } },
    ...attempts.flatMap((one, index) => attemptOf(agent, one, index === attempts.length - 1)),
    { type: 'task-cancelled', at_ms, by: 'ann' },
  ];
  for (const event of events) task = applyEvent(task, event);
  await tasks.append(task.id, 1, events, task, 'me');
  return { task, decision };
}

/** Each but the last is mended by another attempt of the same agent. */
function attemptOf(agent: string, { end, cost }: Attempt, isLast: boolean): readonly TaskEvent[] {
  const at_ms = Date.now();
  const started: TaskEvent = { type: 'work-started', at_ms, agents: [agent] };
  if (end === 'AGENT_FAILED' || end === 'CLONE_LOST') {
    const reason = { code: end, message: 'it broke', mend: 'none' };
    return [started, { type: 'work-failed', at_ms, candidate: 0, reason, then: 'retry', spend: spend(cost) }];
  }
  // Only a FAIL is refined.
  const outcome = isLast ? end : 'FAIL';
  return [
    started,
    { ...told.pleaded(0), spend: spend(cost) } as TaskEvent,
    { type: 'plea-examined', at_ms, candidate: 0, result: 'clean', files: 1, lines: 1, open: [] },
    { type: 'deliberation-started', at_ms },
    told.verdict(0, outcome),
    { type: 'verdict-recorded', at_ms, files: { verdict: '/v', signature: null }, kept: null },
  ];
}

/** An outcome from outside on an execution of a story. */
export function lateOutcome(
  { task, decision }: Story,
  { attempt, revision, verdict, cost }: { attempt: number; revision: number; verdict: OutcomeVerdict; cost: number },
): Outcome {
  return {
    decision_id: decision.id,
    task_id: task.id,
    attempt,
    candidate: 0,
    arm: { agent: decision.chosen, version: '1', model: 'm' },
    surface: 'code-editing',
    complexity: decision.complexity,
    verdict,
    reward: rewardOf(verdict, 'code-editing'),
    cost_micro_usd: cost,
    latency_ms: cost % 997,
    first_token_ms: null,
    input_tokens: 9,
    output_tokens: 1,
    turns: 1,
    tool_calls: null,
    tool_turns: null,
    unsupported_claims: null,
    context_retained: null,
    verifier: null,
    seed: 7,
    prompt: null,
    at_ms: Date.now(),
    revision,
  };
}

/** One process's way of learning and telling, on an opened database. */
export async function openLearner(database: OpenDatabase) {
  const registry = await openRegistry(database, systemClock);
  const world: LateWorld = { ...database, registry };
  const signal = new AbortController().signal;
  const redactor = { redact: async (text: string) => ({ text, removed: {} }) };
  const trouble: string[] = [];
  const ports = { clock: systemClock, documents: createDocuments(), redactor };
  const tracker = openTracker(ports, database, { trouble: (text) => trouble.push(text), signal });
  return { database, registry, world, tracker, signal, trouble, sha };
}
export type Learner = Awaited<ReturnType<typeof openLearner>>;
