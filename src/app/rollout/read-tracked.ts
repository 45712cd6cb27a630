import type { DataPointOf } from '../../core/learning/data-point.js';
import type { Outcome } from '../../core/learning/outcome.js';
import type { Rollout } from '../../core/rollout/rollout.js';
import type { RolloutEvent } from '../../core/rollout/rollout-event.js';
import { type TrackedSides, trackSides } from '../../core/rollout/side-steps.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { OperationContext } from '../operation.js';
import { openTracker } from '../learning/open-tracker.js';

/** How the tasks of a rollout went, by what was tracked since it began; what is not tracked yet is tracked first. */
export async function readTracked(
  ports: Ports,
  runtime: OpenRuntime,
  rollout: Rollout,
  story: readonly RolloutEvent[],
  { signal, progress }: OperationContext,
): Promise<TrackedSides> {
  await openTracker(ports, runtime, { trouble: (text) => progress.note(text), signal }).catchUp(0, signal);
  const since = { sinceMs: rollout.started.at_ms };
  const ends: DataPointOf<'end'>[] = [];
  for await (const page of runtime.points.read({ ...since, kinds: ['end'] })) {
    ends.push(...page.filter((point): point is DataPointOf<'end'> => point.kind === 'end'));
  }
  const outcomes: Outcome[] = [];
  const untilMs = rollout.ended?.at_ms ?? Infinity;
  for await (const page of runtime.points.readOutcomes(since)) {
    outcomes.push(...page.filter(({ at_ms }) => at_ms <= untilMs));
  }
  return trackSides(rollout, story, { ends, outcomes });
}
