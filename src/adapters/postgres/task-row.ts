import type { TaskEvent } from '../../core/tasks/task-event.js';
import { isEnded, type Task } from '../../core/tasks/task.js';
import { tidyText } from './tidy-text.js';

/** What a row of `arbiter.tasks` says beside the snapshot, in the order id, state, ended … of the statements. */
export interface TaskRow {
  readonly state: string;
  readonly ended: boolean;
  readonly specId: string | null;
  readonly agent: string | null;
  readonly snapshot: string;
}

/** The columns of a task that change. */
export function toTaskRow(task: Task): TaskRow {
  return {
    state: task.state,
    ended: isEnded(task.state),
    specId: tidyOrNull(task.spec_id),
    agent: tidyOrNull(task.ladder[task.rung] ?? task.request.agents[0] ?? null),
    snapshot: JSON.stringify(task),
  };
}

/** The texts of events, in columns for `unnest`. */
export function toEventColumns(events: readonly TaskEvent[]): {
  readonly atMs: readonly number[];
  readonly types: readonly string[];
  readonly texts: readonly string[];
} {
  return {
    atMs: events.map((event) => event.at_ms),
    types: events.map((event) => event.type),
    texts: events.map((event) => JSON.stringify(event)),
  };
}

/** A text column's form of a text that may be missing. */
export function tidyOrNull(text: string | null): string | null {
  return text === null ? null : tidyText(text);
}
