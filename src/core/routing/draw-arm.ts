import { refuseInput } from './routing-fault.js';

/**
 * Index of the arm that a uniform draw in [0, 1) falls on: the first whose cumulative propensity exceeds it. Where
 * rounding leaves the sum short of the draw, the last arm that has any probability; never one that has none.
 * @throws ROUTING_INPUT_INVALID where the draw is out of [0, 1) or no arm has any probability
 */
export function drawArm(propensities: readonly number[], draw: number): number {
  if (!(draw >= 0 && draw < 1)) throw refuseInput(`the draw is ${draw}`, 'draw a number from 0 up to, but not, 1');
  let cumulative = 0;
  let last = -1;
  for (const [at, propensity] of propensities.entries()) {
    if (!(propensity > 0)) continue;
    last = at;
    cumulative += propensity;
    if (draw < cumulative) return at;
  }
  if (last < 0) throw refuseInput('no arm has any probability', 'weigh at least one arm');
  return last;
}
