import { describe, expect, it } from 'vitest';
import type { DataPointOf } from '../learning/data-point.js';
import type { Outcome } from '../learning/outcome.js';
import { admitByRollout } from './admit.js';
import { applyRolloutEvent, beginRollout } from './apply-rollout-event.js';
import { type Rollout, rolloutOptionsSchema } from './rollout.js';
import type { RolloutEvent, RolloutEventOf } from './rollout-event.js';
import { trackSides } from './side-steps.js';

const id = '01JDQ5E4M0ABCDEFGHJKMNPQRS';
const started: RolloutEventOf<'rollout-started'> = {
  type: 'rollout-started',
  at_ms: 1,
  by: 'ada',
  subject: { kind: 'agent', incumbent: 'pi@1', candidate: 'pi@2' },
  brought: null,
  surface: null,
  options: rolloutOptionsSchema.parse({ shadow_decisions: 0 }),
};
const canary: RolloutEvent = { type: 'stage-reached', at_ms: 10, stage: 'canary-50', by: null, why: '' };
const rollout: Rollout = applyRolloutEvent(beginRollout(id, started), canary);

const names = Array.from({ length: 60 }, (_, index) => `task-${index}`);
const of = (side: 'incumbent' | 'candidate'): readonly string[] =>
  names.filter((name) => admitByRollout(name, rollout) === side);
const counted = (task_id: string, side: 'incumbent' | 'candidate'): RolloutEvent => ({
  type: 'outcome-observed',
  at_ms: 20,
  task_id,
  side,
  reward: 1,
  fault: false,
});
// What is not read here is left out of these.
const end = (task_id: string, more: Partial<DataPointOf<'end'>> = {}): DataPointOf<'end'> =>
  ({ kind: 'end', task_id, state: 'accepted', first_verdict: 'PASS', fallbacks: 0, ...more }) as DataPointOf<'end'>;
const outcome = (task_id: string, version: string, more: Partial<Outcome> = {}): Outcome =>
  ({
    task_id,
    arm: { agent: 'pi', version, model: '' },
    decision_id: `${task_id}-first`,
    surface: 'code-editing',
    attempt: 1,
    candidate: 0,
    at_ms: 20,
    ...more,
  }) as Outcome;

describe('what was tracked of a rollout’s tasks', () => {
  const [mine = '', mine2 = '', mine3 = ''] = of('candidate');
  const [theirs = '', theirs2 = ''] = of('incumbent');

  it('tells plan, first step and unplanned fallback of each side apart, by the side that a task was given to', () => {
    const story = [
      started,
      canary,
      counted(mine, 'candidate'),
      counted(mine2, 'candidate'),
      counted(theirs, 'incumbent'),
    ];
    const ends = [
      end(mine),
      // It failed, and the incumbent landed it: a success of the plan, and none of its first step.
      end(mine2, { first_verdict: 'FAULT', fallbacks: 1 }),
      end(theirs, { state: 'rejected', first_verdict: 'FAIL' }),
      end('of-nobody'),
    ];
    const { sides } = trackSides(rollout, story, { ends, outcomes: [] });
    expect(sides.candidate).toMatchObject({
      counted: 2,
      ended: 2,
      plan_success: { times: 2, of: 2, share: 1 },
      first_step_success: { times: 1, of: 2, share: 0.5 },
      unplanned_fallback: { times: 1, of: 2, share: 0.5 },
    });
    const [low, high] = sides.candidate.first_step_success.interval ?? [];
    expect(low).toBeCloseTo(0.0945, 3);
    expect(high).toBeCloseTo(0.9055, 3);
    expect(sides.incumbent).toMatchObject({ counted: 1, plan_success: { times: 0, of: 1, share: 0 } });
    const none = trackSides(rollout, story, { ends: [end(mine, { state: 'cancelled' })], outcomes: [] });
    expect(none.sides.candidate).toMatchObject({ counted: 2, ended: 0, plan_success: { share: null, interval: null } });
  });

  it('names why a task that a side worked on does not count', () => {
    const story = [started, canary, counted(mine, 'candidate')];
    const outcomes = [
      outcome(mine, '2'),
      // The fallback of the same task.
      outcome(mine, '1', { decision_id: 'second', attempt: 2 }),
      // A cascade's second step.
      outcome(theirs2, '9'),
      outcome(theirs2, '1', { attempt: 2 }),
      // The candidate could not be asked.
      outcome(mine2, '1'),
      // Still open.
      outcome(mine3, '2'),
      outcome('named', '2', { decision_id: null }),
      outcome('named', '2', { decision_id: null, attempt: 2 }),
      outcome('named-another', '9', { decision_id: null }),
    ];
    const told = { named: 1, 'other-decision': 1, 'later-step': 1, 'other-side': 1, 'not-told': 1 };
    expect(trackSides(rollout, story, { ends: [], outcomes }).uncounted).toEqual(told);
    expect(trackSides(rollout, story, { ends: [], outcomes: outcomes.toReversed() }).uncounted).toEqual(told);
    const subject = { kind: 'policy', incumbent: 'thompson@1', candidate: 'ucb1@1' } as const;
    expect(trackSides({ ...rollout, subject }, [], { ends: [], outcomes }).uncounted).toMatchObject({
      named: 2,
      'not-told': 0,
    });
  });
});
