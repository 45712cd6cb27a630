import { type Finding, findingOf } from '../finding.js';
import type { GateOutcome } from './gate-outcome.js';
import type { TestCase } from './report.js';
import { testRules } from './test-rules.js';
import type { Tripwire } from './test-run.js';

export interface TripwireJudgement {
  readonly state: GateOutcome['tripwire'];
  readonly findings: readonly Finding[];
}

/**
 * Proof of life (constitution §4 rule 5): the tripwire stands in the report once, failed, with its nonce in the
 * message. `found` are the cases that bear its name; with none `planted` it is `not-applicable` and no finding.
 */
export function judgeTripwire(found: readonly TestCase[], planted: Tripwire | null): TripwireJudgement {
  if (planted === null) return { state: 'not-applicable', findings: [] };
  const [first, second] = found;
  if (first === undefined)
    return refuse('missing', 'the tripwire was not reported: this run would not report a failure');
  if (found.some((test) => test.outcome === 'passed'))
    return refuse('passed', 'the tripwire passed, and it cannot pass');
  if (second !== undefined)
    return refuse('missing', `the tripwire was reported ${found.length} times, and it ran once`);
  if (first.outcome === 'skipped') return refuse('missing', 'the tripwire was skipped');
  if (first.message?.includes(planted.nonce) !== true) {
    return refuse('missing', 'the tripwire failed for another reason than its own: its nonce is not in the report');
  }
  return { state: 'reported', findings: [] };
}

function refuse(state: 'missing' | 'passed', message: string): TripwireJudgement {
  return { state, findings: [findingOf(testRules.tripwire, message)] };
}
