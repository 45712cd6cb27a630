import { deriveBudget } from '../../core/caws/examine/derive-budget.js';
import { digestText } from '../../core/digest.js';
import { makeUlid } from '../../core/ids.js';
import { classifyTask } from '../../core/routing/classify.js';
import type { Question } from '../../core/routing/decide-route.js';
import { type TaskKind, scopeOf } from '../../core/routing/estimate.js';
import { type Survey, needOfTask } from '../../core/routing/need-of-task.js';
import { remainingBounds } from '../../core/tasks/spend.js';
import type { Task } from '../../core/tasks/task.js';
import type { Planning } from '../../core/tasks/plan-route.js';
import type { Clock } from '../../ports/clock.js';
import type { Constitution } from '../adjudicate/admit.js';

/** What a task is routed under: the base's law, and its files. */
export interface TaskLaw extends Pick<Constitution, 'spec' | 'config' | 'policy' | 'waivers'> {
  readonly survey: Survey;
}

/** What the router is asked for a task, and the kind of task that histories are read by. */
export interface Asked {
  readonly question: Question;
  readonly kind: TaskKind & { readonly repository: string };
  readonly planning: Planning;
}

/**
 * Puts the question for a task: what kind it is, what it asks of agents and may cost, who was tried, and the chance that is
 * drawn once. Null where what it asks contradicts itself.
 */
export function askRoute(
  clock: Pick<Clock, 'nowMs' | 'randomBytes'>,
  task: Task,
  { spec, config, policy, waivers, survey }: TaskLaw,
): Asked | null {
  const nowMs = clock.nowMs();
  const { routing } = task;
  const { words, needs } = task.request;
  const { surface, complexity, features } = classifyTask({ words, spec, repository: survey });
  const kind = { surface, complexity, repository: digestText(task.request.repository).slice(0, 12) };
  const maxFiles = spec === null ? 0 : deriveBudget(spec, policy, waivers).limits.files;
  const matter = { words, spec, surface, survey, maxFiles, rules: config.routing.needs, asked: needs ?? null };
  const need = needOfTask(matter);
  if (need === null) return null;
  const budget = remainingBounds(task.request.bounds, task.spend).micro_usd;
  return {
    kind,
    planning: planningOf(task, config, budget),
    question: {
      id: makeUlid(nowMs, clock.randomBytes(10)),
      task_id: task.id,
      attempt: task.attempt + 1,
      parent: routing?.decision ?? null,
      cause: routing?.next?.cause ?? 'first',
      at_ms: nowMs,
      surface,
      complexity,
      features,
      scope: scopeOf(kind),
      draw: drawOf(clock.randomBytes(7)),
      prices: '',
      seed: seedOf(clock.randomBytes(4)),
      task: { need, named: [], tried: routing?.tried ?? [], budgetMicroUsd: budget, nowMs },
      session: null,
    },
  };
}

/** Loss from landing something bad, in units of one success: as bad as a success is good. */
const harm = 1;

function planningOf(
  task: Task,
  { routing: { plans, steps, verifier, policy } }: Constitution['config'],
  budget: number | null,
): Planning {
  const { candidates } = task.request;
  return { kinds: [...plans], steps, candidates, ...verifier, ...policy.trade, harm, budget_micro_usd: budget };
}

/** 53 bits of 7 bytes, as a number in [0, 1). */
function drawOf(bytes: Uint8Array): number {
  const bits = bytes.reduce((sum, byte, index) => (index === 0 ? byte & 31 : sum * 256 + byte), 0);
  return bits / 2 ** 53;
}

function seedOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
