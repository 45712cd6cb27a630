import { testsDeleted } from './d01-tests-deleted.js';
import { testsSkipped } from './d02-tests-skipped.js';
import { assertionsWeakened } from './d03-assertions-weakened.js';
import { expectationsChanged } from './d04-expectations-changed.js';
import { specialCasedInputs } from './d05-special-cased-inputs.js';
import { callCountToggles } from './d06-call-count-toggles.js';
import { testEnvironment } from './d07-test-environment.js';
import { processExit } from './d08-process-exit.js';
import { alwaysEqual } from './d09-always-equal.js';
import { machineryPatched } from './d10-machinery-patched.js';
import { checksLoosened } from './d11-checks-loosened.js';
import { ciAndHooks } from './d12-ci-and-hooks.js';
import { governanceFiles } from './d13-governance-files.js';
import { newDependencies } from './d14-new-dependencies.js';
import { budgetGames } from './d15-budget-games.js';
import { hiddenText } from './d16-hidden-text.js';
import { swallowedErrors } from './d17-swallowed-errors.js';
import { verbatimUpstream } from './d18-verbatim-upstream.js';
import type { TamperRule } from './tamper-rule.js';

/** Every tamper rule, one a line, in the order of its id; a rule may stand for several languages. */
// oxfmt-ignore
export const tamperRules: readonly TamperRule[] = [
  testsDeleted,
  testsSkipped,
  assertionsWeakened,
  expectationsChanged,
  specialCasedInputs,
  callCountToggles,
  testEnvironment,
  processExit,
  alwaysEqual,
  machineryPatched,
  checksLoosened,
  ciAndHooks,
  governanceFiles,
  newDependencies,
  budgetGames,
  hiddenText,
  swallowedErrors,
  verbatimUpstream,
];
