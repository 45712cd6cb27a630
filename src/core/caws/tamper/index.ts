import { ciAndHooks } from './d12-ci-and-hooks.js';
import { governanceFiles } from './d13-governance-files.js';
import { newDependencies } from './d14-new-dependencies.js';
import type { TamperRule } from './tamper-rule.js';

/** Every tamper rule, one a line, in the order of its id; a rule may stand for several languages. */
export const tamperRules: readonly TamperRule[] = [ciAndHooks, governanceFiles, newDependencies];
