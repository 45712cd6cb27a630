import { Fault } from '../fault.js';
import type { Candidate, WeighRequest } from './policy.js';

export type RoutingFaultCode = 'ROUTING_INPUT_INVALID';

/** A fault that says which number is out of its domain. */
export function refuseInput(what: string, mend: string): Fault<RoutingFaultCode> {
  return new Fault('ROUTING_INPUT_INVALID', what, { mend });
}

/** Whether a number is finite and not negative. */
export function isAmount(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY;
}

/** Refuses a reward outside [0, 1], NaN included. @throws ROUTING_INPUT_INVALID */
export function checkReward(reward: number, key: string): void {
  if (reward >= 0 && reward <= 1) return;
  throw refuseInput(`the reward of ${key} is ${reward}`, 'a reward is a number from 0 to 1');
}

/** Refuses what no policy can weigh. @throws ROUTING_INPUT_INVALID naming the arm or feature */
export function checkRequest(request: WeighRequest): void {
  const { arms, features, seed } = request;
  if (arms.length === 0) throw refuseInput('there is no arm to choose from', 'lift a mask, or add an agent');
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw refuseInput(`the seed is ${seed}`, 'a seed is an integer from 0 to 4294967295');
  }
  for (const arm of arms) checkCandidate(arm);
  if (new Set(arms.map((arm) => arm.key)).size < arms.length) {
    throw refuseInput('two arms have the same key', 'let at most one version of an agent stand for choice');
  }
  for (const [name, value] of Object.entries(features)) {
    if (!Number.isFinite(value)) throw refuseInput(`feature ${name} is ${value}`, 'leave out what is not known');
  }
}

function checkCandidate({ key, success, evidence, cost, latency }: Candidate): void {
  if (!(success >= 0 && success <= 1)) {
    throw refuseInput(`the success of ${key} is ${success}`, 'a probability is a number from 0 to 1');
  }
  if (!isAmount(evidence)) throw refuseInput(`the evidence for ${key} is ${evidence}`, 'it is a count, at least 0');
  if (!isAmount(cost)) throw refuseInput(`the cost of ${key} is ${cost} micro-dollars`, 'give it a price');
  if (!isAmount(latency)) throw refuseInput(`the latency of ${key} is ${latency} ms`, 'it is at least 0');
}
