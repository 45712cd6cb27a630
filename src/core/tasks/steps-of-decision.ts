import type { Outcome } from '../caws/verdict/verdict.js';
import type { ClassedFault } from '../registry/error-class.js';
import type { TaskEvent, TaskEventOf } from './task-event.js';

/** What the story of a task says of one agent under one decision of the router. */
export interface Step {
  readonly agent: string;
  /** Its last verdict; null: none. */
  readonly verdict: Outcome | null;
  /** What kind of fault its last failure was; null: it did not fail last, or not in a call. */
  readonly fault: ClassedFault | null;
}

/** A decision as its task's story tells of it. */
export interface ToldDecision {
  /** Agents in the order in which they began. */
  readonly steps: readonly Step[];
  /** Each time that the rest of its cascade was looked at again. */
  readonly reviews: readonly TaskEventOf<'plan-reviewed'>[];
}

/** Reads what a story says of a decision; nothing where it knows nothing of it. */
export function readDecision(events: readonly TaskEvent[], decision: string): ToldDecision {
  const steps = new Map<string, Step>();
  const reviews: TaskEventOf<'plan-reviewed'>[] = [];
  let isMeant = false;
  let agents: readonly string[] = [];
  for (const event of events) {
    if (event.type === 'worker-chosen') isMeant = event.routed?.decision === decision;
    if (!isMeant) continue;
    if (event.type === 'plan-reviewed') reviews.push(event);
    if (event.type === 'work-started') {
      ({ agents } = event);
      for (const agent of agents) if (!steps.has(agent)) steps.set(agent, { agent, verdict: null, fault: null });
    }
    const told = 'candidate' in event ? steps.get(agents[event.candidate] ?? '') : undefined;
    if (told !== undefined) steps.set(told.agent, continueStep(told, event));
  }
  return { steps: [...steps.values()], reviews };
}

function continueStep(step: Step, event: TaskEvent): Step {
  if (event.type === 'verdict-reached') return { ...step, verdict: event.outcome, fault: null };
  return event.type === 'work-failed' ? { ...step, fault: event.fault ?? null } : step;
}
