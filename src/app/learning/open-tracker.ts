import { isFault } from '../../core/fault.js';
import type { RouteDecision } from '../../core/routing/decision.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import { type Tracker, createTracker } from './track-tasks.js';

/** The tracker of an opened store. */
export function openTracker(
  { clock, documents, redactor }: Pick<Ports, 'clock' | 'documents' | 'redactor'>,
  { tasks, points, routes }: Pick<OpenRuntime, 'tasks' | 'points' | 'routes'>,
  how: { readonly trouble: (text: string) => void; readonly signal: AbortSignal },
): Tracker {
  const decisions = (ids: readonly string[]): Promise<ReadonlyMap<string, RouteDecision>> => readDecisions(routes, ids);
  return createTracker({ tasks, points, clock, documents, redactor, decisions, ...how });
}

/** The decisions that are there; what a story names and nobody recorded is left out, and its fields are missing. */
async function readDecisions(
  routes: OpenRuntime['routes'],
  ids: readonly string[],
): Promise<ReadonlyMap<string, RouteDecision>> {
  const found = new Map<string, RouteDecision>();
  for (const id of ids) {
    try {
      found.set(id, (await routes.read(id)).decision);
    } catch (error) {
      if (!isFault(error, 'DECISION_UNKNOWN')) throw error;
    }
  }
  return found;
}
