import type { Outcome } from '../caws/verdict/verdict.js';
import { type Spend, addSpend, nothingSpent } from './spend.js';
import type { TaskEvent } from './task-event.js';

/** What one agent did under one decision of the router, all its attempts and refinements together. */
export interface Stint {
  readonly decision: string;
  readonly agent: string;
  /** Its last verdict; FAULT where it had none and failed; null where it was stopped before it had one. */
  readonly verdict: Outcome | 'FAULT' | null;
  readonly spend: Spend;
  /** From the start of its first attempt to its last word. */
  readonly latencyMs: number;
  readonly atMs: number;
  /** How often a verdict took the place of another: grows with every one. */
  readonly revision: number;
  /** Code of the last failure of its work; null for none. */
  readonly failure: string | null;
}

/** A stint in the making. */
interface Open extends Stint {
  readonly startedMs: number;
}

/**
 * The stints of a story, in the order in which they began: what the router's choices came to, read off the story alone,
 * so that reading it twice gives the same. Work of agents that a person named belongs to no decision and is left out.
 */
export function stintsOf(events: readonly TaskEvent[]): readonly Stint[] {
  const stints: Open[] = [];
  let decision: string | null = null;
  let agents: readonly string[] = [];
  for (const event of events) {
    if (event.type === 'worker-chosen') decision = event.routed?.decision ?? null;
    agents = workersOf(agents, events, event);
    if (decision === null) continue;
    if (event.type === 'work-started') for (const agent of agents) begin(stints, decision, agent, event.at_ms);
    else continueOne(stints, decision, agents, event);
  }
  return stints;
}

/** Who is at work after an event, by the index of their candidates. */
function workersOf(agents: readonly string[], events: readonly TaskEvent[], event: TaskEvent): readonly string[] {
  if (event.type === 'work-started') return event.agents;
  return event.type === 'human-answered' && agents.length > 1 ? chosenOnly(agents, events, event) : agents;
}

function continueOne(stints: Open[], decision: string, agents: readonly string[], event: TaskEvent): void {
  const agent = 'candidate' in event ? agents[event.candidate] : undefined;
  if (agent === undefined) return;
  const at = placeOf(stints, decision, agent);
  const stint = stints[at];
  if (stint !== undefined) stints[at] = continueStint(stint, event);
}

function placeOf(stints: readonly Open[], decision: string, agent: string): number {
  return stints.findLastIndex((stint) => stint.decision === decision && stint.agent === agent);
}

function begin(stints: Open[], decision: string, agent: string, startedMs: number): void {
  if (placeOf(stints, decision, agent) >= 0) return;
  const nothing = { verdict: null, spend: nothingSpent, latencyMs: 0, atMs: startedMs, revision: 0, failure: null };
  stints.push({ decision, agent, startedMs, ...nothing });
}

/** A person's answer has the candidate judged again whose verdict counted: it is the only one from then on. */
function chosenOnly(agents: readonly string[], events: readonly TaskEvent[], answer: TaskEvent): readonly string[] {
  const before = events.slice(0, events.indexOf(answer));
  const waited = before.findLast((event) => event.type === 'verdict-reached' && event.outcome === 'WAIVER_REQUIRED');
  const agent = waited?.type === 'verdict-reached' ? agents[waited.candidate] : undefined;
  return agent === undefined ? agents : [agent];
}

function continueStint(stint: Open, event: TaskEvent): Open {
  const spend = 'spend' in event ? addSpend(stint.spend, event.spend) : stint.spend;
  const told = { ...stint, spend, atMs: event.at_ms };
  const latencyMs = Math.max(stint.latencyMs, event.at_ms - stint.startedMs);
  switch (event.type) {
    case 'verdict-reached':
      return { ...told, verdict: event.outcome, revision: stint.revision + 1 };
    case 'work-failed':
    case 'plan-refused': {
      const failure = event.type === 'work-failed' ? event.reason.code : 'PLAN_REFUSED';
      return { ...told, latencyMs, failure, verdict: 'FAULT', revision: stint.revision + 1 };
    }
    case 'infeasibility-pleaded':
    case 'amendment-requested':
    case 'candidate-cancelled':
    case 'plea-submitted':
    case 'chunk-finished':
    case 'plan-proposed':
      return { ...told, latencyMs };
    default:
      return told;
  }
}
