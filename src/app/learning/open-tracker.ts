import type { RouteDecision } from '../../core/routing/decision.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import { type Tracker, createTracker } from './track-tasks.js';

/** The tracker of an opened store. */
export function openTracker(
  { clock, documents, redactor }: Pick<Ports, 'clock' | 'documents' | 'redactor'>,
  { tasks, points }: Pick<OpenRuntime, 'tasks' | 'points'>,
  how: { readonly trouble: (text: string) => void; readonly signal: AbortSignal },
): Tracker {
  const decisions = (): Promise<ReadonlyMap<string, RouteDecision>> =>
    Promise.resolve(new Map<string, RouteDecision>());
  return createTracker({ tasks, points, clock, documents, redactor, decisions, ...how });
}
