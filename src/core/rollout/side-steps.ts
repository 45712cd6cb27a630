import { z } from 'zod';
import type { DataPointOf } from '../learning/data-point.js';
import type { Outcome } from '../learning/outcome.js';
import { wilson } from '../learning/report.js';
import { armKey } from '../routing/arm.js';
import { placeOfTask } from './admit.js';
import type { Rollout, Side } from './rollout.js';
import type { RolloutEvent } from './rollout-event.js';
import { type Stage, percentOf } from './stage.js';

const count = z.number().int().nonnegative();
const shareSchema = z.strictObject({
  times: count,
  of: count,
  share: z.number().min(0).max(1).nullable().describe('Null: there is nothing to take a share of.'),
  interval: z.tuple([z.number(), z.number()]).nullable().describe('Wilson, 95 %.'),
});
export type Share = z.infer<typeof shareSchema>;

const sideStepsSchema = z.strictObject({
  counted: count.describe('Tasks that count for this side.'),
  ended: count.describe('Of them: tracked, and ended by themselves. The shares are of these.'),
  plan_success: shareSchema.describe('Accepted, whatever it took.'),
  first_step_success: shareSchema.describe('Passed by the first attempt, of those that came to one.'),
  unplanned_fallback: shareSchema.describe('Went on with another agent because one broke down, of those that began.'),
});
export type SideSteps = z.infer<typeof sideStepsSchema>;

/** What was tracked of the tasks of a rollout. */
export const trackedSidesSchema = z
  .strictObject({
    sides: z.strictObject({ incumbent: sideStepsSchema, candidate: sideStepsSchema }),
    uncounted: z
      .strictObject({
        named: count.describe('A person named the agent: nobody was divided.'),
        'other-decision': count.describe('It worked by a later decision, such as the fallback after the other side.'),
        'later-step': count.describe('It was not the first of its plan.'),
        'other-side': count.describe('The task was the other side’s, which could not be asked.'),
        'not-told': count.describe('Its task may still be revised, or it ended after the rollout did.'),
      })
      .describe('Tasks in which a side worked while the rollout ran and that count for neither, by why.'),
  })
  .meta({ id: 'RolloutTracked' });
export type TrackedSides = z.infer<typeof trackedSidesSchema>;
type Uncounted = keyof TrackedSides['uncounted'];

type End = DataPointOf<'end'>;

/**
 * How the tasks that count went, side by side, and how many did not count. Tasks are those of the story, so that a task is
 * of the side that it was given to, whoever finished it. `ends` and `outcomes` are of the time since the rollout began, in
 * any order; each newest word once.
 */
export function trackSides(
  rollout: Rollout,
  story: readonly RolloutEvent[],
  tracked: { readonly ends: readonly End[]; readonly outcomes: readonly Outcome[] },
): TrackedSides {
  const sides = new Map(
    story.flatMap((event) => (event.type === 'outcome-observed' ? [[event.task_id, event.side] as const] : [])),
  );
  const of = (side: Side): SideSteps =>
    stepsOf(
      [...sides.values()].filter((one) => one === side).length,
      tracked.ends.filter((end) => sides.get(end.task_id) === side && end.state !== 'cancelled'),
    );
  return {
    sides: { incumbent: of('incumbent'), candidate: of('candidate') },
    uncounted: countLeftOut({ rollout, story, counted: new Set(sides.keys()) }, tracked.outcomes),
  };
}

function stepsOf(counted: number, ends: readonly End[]): SideSteps {
  const begun = ends.filter(({ first_verdict }) => first_verdict !== null);
  return {
    counted,
    ended: ends.length,
    plan_success: shareOf(ends, ({ state }) => state === 'accepted'),
    first_step_success: shareOf(begun, ({ first_verdict }) => first_verdict === 'PASS'),
    unplanned_fallback: shareOf(begun, ({ fallbacks }) => fallbacks > 0),
  };
}

function shareOf(ends: readonly End[], holds: (end: End) => boolean): Share {
  const times = ends.filter(holds).length;
  const of = ends.length;
  return { times, of, share: of === 0 ? null : times / of, interval: wilson(times, of) };
}

interface Told {
  readonly rollout: Rollout;
  readonly story: readonly RolloutEvent[];
  readonly counted: ReadonlySet<string>;
}

function countLeftOut(told: Told, outcomes: readonly Outcome[]): TrackedSides['uncounted'] {
  const found: Record<Uncounted, Set<string>> = {
    named: new Set(),
    'other-decision': new Set(),
    'later-step': new Set(),
    'other-side': new Set(),
    'not-told': new Set(),
  };
  for (const some of byTask(outcomes)) {
    for (const outcome of some) {
      const why = whyLeftOut(told, outcome, some);
      if (why !== null) found[why].add(outcome.task_id);
    }
  }
  const sizes = Object.entries(found).map(([why, tasks]) => [why, tasks.size]);
  return Object.fromEntries(sizes) as TrackedSides['uncounted'];
}

/** Outcomes task by task, in the order in which the work began. */
function byTask(outcomes: readonly Outcome[]): readonly (readonly Outcome[])[] {
  const tasks = new Map<string, Outcome[]>();
  for (const outcome of outcomes) tasks.set(outcome.task_id, [...(tasks.get(outcome.task_id) ?? []), outcome]);
  return [...tasks.values()].map((some) => some.toSorted((a, b) => a.attempt - b.attempt || a.candidate - b.candidate));
}

/** Null: it counts, or it is none of the rollout's. A policy decides nothing where an agent is named. */
function whyLeftOut(told: Told, outcome: Outcome, task: readonly Outcome[]): Uncounted | null {
  const { subject, surface } = told.rollout;
  const isNamed = outcome.decision_id === null;
  const isSide = [subject.incumbent, subject.candidate].includes(armKey(outcome.arm));
  if (isNamed) return isSide || subject.kind === 'policy' ? 'named' : null;
  if (!isSide || (surface !== null && outcome.surface !== surface)) return null;
  return whyOfDecided(told, outcome, task[0] ?? outcome);
}

/** `first`: what the task's first attempt, or its first candidate, came to. */
function whyOfDecided(
  { rollout, story, counted }: Told,
  { arm, decision_id, task_id, at_ms }: Outcome,
  first: Outcome,
): Uncounted | null {
  if (first.decision_id !== decision_id) return 'other-decision';
  if (armKey(first.arm) !== armKey(arm)) return 'later-step';
  if (counted.has(task_id)) return null;
  const place = placeOfTask(rollout.id, task_id) * 100;
  const side: Side = place < percentOf(stageAt(story, at_ms)) ? 'candidate' : 'incumbent';
  return rollout.subject[side] === armKey(arm) ? 'not-told' : 'other-side';
}

/** The stage that a rollout was in at an instant. */
function stageAt(story: readonly RolloutEvent[], atMs: number): Stage {
  const reached = story.findLast((event) => event.type === 'stage-reached' && event.at_ms <= atMs);
  return reached?.type === 'stage-reached' ? reached.stage : 'shadow';
}
