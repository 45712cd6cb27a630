import type { RouteDecision } from '../routing/decision.js';
import type { Spend } from '../tasks/spend.js';
import type { Task } from '../tasks/task.js';
import type { TaskEvent } from '../tasks/task-event.js';
import type { Capture } from './capture.js';
import type { DataPointOf } from './data-point.js';

/** A text without what must not be stored. */
export interface RedactedText {
  readonly text: string;
  /** How much was removed, by kind. */
  readonly removed: Readonly<Record<string, number>>;
}

/** What a stored plea tells; null parts: erased, or not readable. */
export interface PleaMatter {
  readonly prompt: string | null;
  readonly capture: Capture | null;
}

/** What a stored verdict tells. */
export type VerdictMatter = Pick<
  DataPointOf<'verdict'>,
  'verifier' | 'trust' | 'gates' | 'findings' | 'unsupported_claims'
>;

/** What a story names and does not hold itself. What is not in here was not to be had, and its fields are missing. */
export interface StoryMatter {
  readonly pleas: ReadonlyMap<string, PleaMatter>;
  readonly verdicts: ReadonlyMap<string, VerdictMatter>;
  readonly decisions: ReadonlyMap<string, RouteDecision>;
  /** By what was said. A text that is not in here is never stored. */
  readonly texts: ReadonlyMap<string, RedactedText>;
}

/** An event at its place. */
export interface PlacedEvent {
  readonly seq: number;
  readonly event: TaskEvent;
}

/** What has to be fetched before the points of a story can be derived. */
export interface WantedMatter {
  readonly pleas: readonly string[];
  readonly verdicts: readonly string[];
  readonly decisions: readonly string[];
  readonly texts: readonly string[];
}

/** Longest text of a point, in characters; what is longer is cut before it is looked through. */
export const longestText = 2000;

/**
 * The text as it is looked through for secrets and then stored. A longer one ends at the last white space before its
 * limit: half of a secret would not be known for one. A word that is longer than the limit is left out whole.
 */
export function cutText(text: string): string {
  if (text.length <= longestText) return text;
  const end = text.slice(0, longestText + 1).search(/\s\S*$/);
  return text.slice(0, Math.max(0, end));
}

/** What a story names, for the events after a step. Executions reach back: pleas are wanted of the whole story. */
export function wantedMatter(task: Task, events: readonly PlacedEvent[]): WantedMatter {
  const pleas = new Set<string>();
  const verdicts = new Set<string>();
  const decisions = new Set<string>();
  const texts = new Set<string>([cutText(task.request.words)]);
  for (const { event } of events) {
    if (event.type === 'plea-submitted' || event.type === 'chunk-finished') pleas.add(event.plea);
    if (event.type === 'verdict-reached') verdicts.add(event.sha256);
    const decision = decisionIdOf(event);
    if (decision !== null) decisions.add(decision);
    for (const text of textsOf(event)) texts.add(cutText(text));
  }
  return { pleas: [...pleas], verdicts: [...verdicts], decisions: [...decisions], texts: [...texts] };
}

/** The decision that an event names; stories from before there were any name none. */
export function decisionIdOf(event: TaskEvent): string | null {
  return event.type === 'worker-chosen' ? (event.routed?.decision ?? null) : null;
}

/** What an event says in words. */
export function textOf(event: TaskEvent): string {
  if ('reason' in event) return event.reason.message;
  if ('headline' in event) return event.headline;
  if (event.type === 'infeasibility-pleaded') return `${event.clause}: ${event.evidence}`;
  return event.type === 'amendment-requested' ? event.why : '';
}

function textsOf(event: TaskEvent): readonly string[] {
  const said = textOf(event);
  const words = said === '' ? [] : [said];
  return event.type === 'plea-submitted' ? [...words, event.worker.version, event.worker.model] : words;
}

/** What an event cost; null where it cannot have cost anything. */
export function spendOf(event: TaskEvent): Spend | null {
  return 'spend' in event ? event.spend : null;
}
