import type { TamperRule } from './tamper-rule.js';

/** Every tamper rule, one a line, in the order of its id; a rule may stand for several languages. */
export const tamperRules: readonly TamperRule[] = [];
