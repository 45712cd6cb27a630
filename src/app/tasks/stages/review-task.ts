import { reviewPlan } from '../../../core/tasks/review-plan.js';
import { remainingBounds } from '../../../core/tasks/spend.js';
import { readDecision } from '../../../core/tasks/steps-of-decision.js';
import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import { believeNow } from '../../routing/believe-now.js';
import type { TaskWorld } from './task-world.js';

/**
 * Looks at what is left of a task's cascade again before its next step: by what is believed of
 * its agents now, the refusals that the story tells of since the decision, and the money left. A cascade of a planner that is not known here goes on as it was planned.
 * @throws DECISION_UNKNOWN, CASCADE_INPUT_INVALID
 */
export async function reviewTask(world: TaskWorld, task: Task): Promise<TaskEvent> {
  const { routes, tasks, ports } = world;
  const recorded = await routes.read(task.routing?.decision ?? '');
  const { decision } = recorded;
  const events = (await tasks.readEvents(task.id)).map(({ event }) => event);
  const refused = readDecision(events, decision.id).steps.flatMap(({ agent, verdict }) =>
    verdict === null ? [] : [agent],
  );
  const believed = await believeNow(world, recorded, ports.clock.nowMs());
  const review = reviewPlan(task, decision, { refused, believed });
  const steps = task.ladder.slice(task.rung);
  const left = remainingBounds(task.request.bounds, task.spend).micro_usd;
  const common = { type: 'plan-reviewed' as const, at_ms: ports.clock.nowMs(), steps, left_micro_usd: left };
  if (review === null) {
    const [next = ''] = steps;
    return { ...common, next, because: 'worth-it', about: next, success: 1, stop_below: 0, cost_micro_usd: 0 };
  }
  const { agent, success, stop_below, cost } = review.next ?? review.best;
  const because = review.next === null ? review.because : 'worth-it';
  const figures = { about: agent, success: clamp(success), stop_below, cost_micro_usd: Math.round(cost) };
  return { ...common, next: review.next?.agent ?? null, because, ...figures };
}

/** A mean of shares may leave their domain by a rounding. */
function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
