import type { ArmState, Belief, Candidate, Lesson, PolicyState } from '../policy.js';
import type { PolicyOptions } from '../policy-options.js';
import { checkReward, refuseInput } from '../routing-fault.js';
import { findChange, noDrift, watchReward } from './detect-change.js';
import { addRow, contextOf, fade, moveTarget, takeLinear } from './linear-memory.js';

// After a change what was believed beforehand speaks of a world that is gone: it counts as at most this many outcomes.
const evidenceAfterRestart = 1;

const noMemory: ArmState = { pulls: 0, weight: 0, reward: 0, restarts: 0, drift: noDrift, linear: null };

/** A memory that holds nothing. */
export function emptyState(): PolicyState {
  return { arms: {}, pending: {} };
}

/**
 * Mean reward and its worth in outcomes: the candidate's belief beforehand plus what was learned of it. Where nothing is
 * known at all the mean is a half.
 */
export function believe(memory: ArmState | undefined, arm: Candidate): Belief {
  const restarted = memory !== undefined && memory.restarts > 0;
  const before = restarted ? Math.min(arm.evidence, evidenceAfterRestart) : arm.evidence;
  const evidence = before + (memory?.weight ?? 0);
  if (evidence === 0) return { success: 0.5, evidence };
  // rounding may lead a hair's breadth past 1
  return { success: Math.min(1, (before * arm.success + (memory?.reward ?? 0)) / evidence), evidence };
}

/** The state with one more choice of this arm that has no outcome yet. */
export function pend(state: PolicyState, key: string): PolicyState {
  return { arms: state.arms, pending: { ...state.pending, [key]: (state.pending[key] ?? 0) + 1 } };
}

/** The state with one pending choice fewer; never below none. */
export function release(state: PolicyState, key: string): PolicyState {
  return { arms: state.arms, pending: settle(state.pending, key) };
}

function settle(pending: PolicyState['pending'], key: string): PolicyState['pending'] {
  const { [key]: left = 0, ...rest } = pending;
  return left > 1 ? { ...rest, [key]: left - 1 } : rest;
}

/** The state after an outcome. @throws ROUTING_INPUT_INVALID */
export function learn(options: PolicyOptions, state: PolicyState, lesson: Lesson): PolicyState {
  checkReward(lesson.reward, lesson.key);
  const memory = learnArm(options, state.arms[lesson.key] ?? noMemory, lesson);
  return { arms: { ...state.arms, [lesson.key]: memory }, pending: settle(state.pending, lesson.key) };
}

function learnArm(options: PolicyOptions, memory: ArmState, lesson: Lesson): ArmState {
  const drift = watchReward(memory.drift, lesson.reward);
  const changed = findChange(drift, options.restart_above);
  const pulls = memory.pulls + 1;
  if (changed === null) {
    const { discount } = options;
    const linear = learnLinear(options, memory, lesson);
    const weight = discount * memory.weight + 1;
    return { ...memory, pulls, weight, reward: discount * memory.reward + lesson.reward, drift, linear };
  }
  // what came since the change is the beginning of what is true now
  const { count, reward } = changed;
  const before = { linear: null, weight: count - 1, reward: Math.max(0, reward - lesson.reward) };
  const begun = { ...noDrift, count, mean: reward / count };
  const linear = learnLinear(options, before, lesson);
  return { pulls, weight: count, reward, restarts: memory.restarts + 1, drift: begun, linear };
}

function learnLinear(
  options: PolicyOptions,
  memory: Pick<ArmState, 'linear' | 'weight' | 'reward'>,
  lesson: Lesson,
): ArmState['linear'] {
  if (!('features' in options)) return null;
  const x = contextOf(options.features, lesson.features);
  if (x.some((value) => !Number.isFinite(value))) {
    throw refuseInput(`a feature of an outcome of ${lesson.key} is no number`, 'leave out what is not known');
  }
  const before = takeLinear(memory, x.length, options.ridge);
  return addRow(fade(before, options.discount, options.ridge), x, lesson.reward);
}

/**
 * The state as if the outcome had been `reward` and not `was`, but for what was forgotten since: the difference counts
 * in full. An arm without memory (restarted, or never learned) is left as it is. @throws ROUTING_INPUT_INVALID
 */
export function revise(
  options: PolicyOptions,
  state: PolicyState,
  lesson: Lesson & { readonly was: number },
): PolicyState {
  checkReward(lesson.reward, lesson.key);
  checkReward(lesson.was, lesson.key);
  const memory = state.arms[lesson.key];
  if (memory === undefined) return state;
  const change = lesson.reward - lesson.was;
  const reward = Math.min(memory.weight, Math.max(0, memory.reward + change));
  const linear =
    memory.linear === null || !('features' in options)
      ? memory.linear
      : {
          ...memory.linear,
          target: moveTarget(memory.linear.target, contextOf(options.features, lesson.features), change),
        };
  return { arms: { ...state.arms, [lesson.key]: { ...memory, reward, linear } }, pending: state.pending };
}
