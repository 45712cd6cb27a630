import { digestText } from '../digest.js';
import { policyVersion } from './policies/create-policy.js';
import { type PolicyOptions, policyOptionsSchema } from './policy-options.js';

/** The options of a policy of which nothing but the name is said. */
export function plainOptions(name: PolicyOptions['name']): PolicyOptions {
  return policyOptionsSchema.parse({ name });
}

/**
 * What tells policies apart in rollouts: `name@version`, and behind it eight hex digits of the SHA-256 of its options where
 * they are not the plain ones. Equal options, equal key.
 */
export function policyKey(options: PolicyOptions): string {
  const text = textOf(options);
  const key = `${options.name}@${policyVersion}`;
  return text === textOf(plainOptions(options.name)) ? key : `${key}.${digestText(text).slice(0, 8)}`;
}

/** One text for equal options: the schema puts keys in its order, and JSON writes a number in one way. */
function textOf(options: PolicyOptions): string {
  return JSON.stringify(policyOptionsSchema.parse(options));
}
