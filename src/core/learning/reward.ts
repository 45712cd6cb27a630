import type { Surface } from '../routing/surface.js';
import type { OutcomeVerdict } from './outcome.js';

type Rubric = Readonly<Record<OutcomeVerdict, number>>;

/**
 * What a verdict is worth by surface, in [0, 1]. A change that a person has to lift a rule for is worth something where
 * the work stands, and less where half an answer misleads. A fault is worth what a failure is: the task is not done.
 */
const rubrics: Readonly<Record<Surface, Rubric>> = {
  'code-editing': { PASS: 1, WAIVER_REQUIRED: 0.4, FAIL: 0, FAULT: 0 },
  'research-assistant': { PASS: 1, WAIVER_REQUIRED: 0.25, FAIL: 0, FAULT: 0 },
  'data-analysis': { PASS: 1, WAIVER_REQUIRED: 0.25, FAIL: 0, FAULT: 0 },
};

/**
 * Reward of an outcome, in [0, 1]: the verdict's worth on its surface minus `perUsd` for each dollar spent, never below
 * zero. `perUsd` 0 (the default) leaves the price to the policy's own trade, so that it is not counted twice. A surface
 * that is not known is judged as code editing. A weight or cost that is negative or no number counts as zero.
 */
export function rewardOf(verdict: OutcomeVerdict, surface: Surface | null, costMicroUsd = 0, perUsd = 0): number {
  const worth = rubrics[surface ?? 'code-editing'][verdict];
  const price = domain(perUsd) * (domain(costMicroUsd) / 1_000_000);
  return Math.max(0, Math.min(1, worth - price));
}

function domain(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0;
}
