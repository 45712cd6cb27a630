import { Fault } from '../fault.js';
import { compareOutcome, newComparison } from './compare.js';
import { judgeRollout } from './judge-rollout.js';
import type { Rollout } from './rollout.js';
import type { RolloutEvent, RolloutEventOf } from './rollout-event.js';
import { percentOf } from './stage.js';

export type RolloutStoryFaultCode = 'ROLLOUT_STORY_INVALID';

/** The rollout that an event starts. */
export function beginRollout(id: string, event: RolloutEventOf<'rollout-started'>): Rollout {
  return {
    id,
    subject: event.subject,
    brought: event.brought,
    settled: null,
    surface: event.surface,
    options: event.options,
    state: 'running',
    stage: 'shadow',
    stages: ['shadow'],
    full_since_ms: null,
    started: { at_ms: event.at_ms, by: event.by },
    shadow: { decided: 0, agreed: 0 },
    stage_outcomes: 0,
    comparison: newComparison,
    ended: null,
  };
}

/**
 * The rollout after one more event. Total: what comes after the end changes nothing, but for the veto that takes an
 * accepted candidate back, and for what the registry made of the end.
 */
export function applyRolloutEvent(rollout: Rollout, event: RolloutEvent): Rollout {
  if (event.type === 'rollout-ended') return applyEnd(rollout, event);
  if (event.type === 'version-settled') return { ...rollout, settled: event.standing };
  if (rollout.state !== 'running') return rollout;
  switch (event.type) {
    case 'rollout-started':
      return rollout;
    case 'shadow-decided': {
      const { decided, agreed } = rollout.shadow;
      return { ...rollout, shadow: { decided: decided + 1, agreed: agreed + (event.agreed ? 1 : 0) } };
    }
    case 'outcome-observed':
      return {
        ...rollout,
        stage_outcomes: rollout.stage_outcomes + (event.side === 'candidate' ? 1 : 0),
        comparison: compareOutcome(rollout.comparison, event, percentOf(rollout.stage), rollout.options),
      };
    case 'stage-reached':
      return {
        ...rollout,
        stage: event.stage,
        stages: [...rollout.stages, event.stage],
        full_since_ms: event.stage === 'full' ? event.at_ms : null,
        stage_outcomes: 0,
      };
  }
}

function applyEnd(rollout: Rollout, { state, at_ms, cause, by, why }: RolloutEventOf<'rollout-ended'>): Rollout {
  if (rollout.state === 'rolled-back' || (rollout.state === 'finished' && cause !== 'veto')) return rollout;
  return { ...rollout, state, settled: null, ended: { at_ms, cause, by, why } };
}

/**
 * Applies an event and then, one after the other, all that the tests make of it; answers the rollout and the whole list
 * of events, the given one first.
 */
export function advanceRollout(
  rollout: Rollout,
  event: RolloutEvent,
): { readonly rollout: Rollout; readonly events: readonly RolloutEvent[] } {
  const events = [event];
  let state = applyRolloutEvent(rollout, event);
  for (let next = judgeRollout(state, event.at_ms); next !== null; next = judgeRollout(state, event.at_ms)) {
    events.push(next);
    state = applyRolloutEvent(state, next);
  }
  return { rollout: state, events };
}

/**
 * The rollout that a story tells, from its events alone: the same value, to the last bit, as the one that was kept.
 * @throws ROLLOUT_STORY_INVALID when it does not begin with its start
 */
export function rebuildRollout(id: string, [first, ...rest]: readonly RolloutEvent[]): Rollout {
  if (first?.type !== 'rollout-started') {
    throw new Fault<RolloutStoryFaultCode>('ROLLOUT_STORY_INVALID', `the story of rollout ${id} lacks its start`, {
      mend: 'restore the store from a backup; arbiter db restore',
    });
  }
  return rest.reduce(applyRolloutEvent, beginRollout(id, first));
}
