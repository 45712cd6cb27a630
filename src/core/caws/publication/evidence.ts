import type { Verdict } from '../verdict/verdict.js';
import type { AddedLines } from './added-ranges.js';

/** Who made the lines of a commit, as its verdict says: told to other tools as evidence, never asked for by Arbiter. */
export interface Evidence {
  readonly verdict: Verdict;
  readonly worker: NonNullable<Verdict['worker']>;
  /** SHA-256 of `verdict.yaml`. */
  readonly sha256: string;
  readonly commit: string;
  readonly added: readonly AddedLines[];
}

/** Name, in the records of others, of the session that made a change: the task's attempt, else the verdict itself. */
export function sessionOf({ task_id: task, attempt, verdict_id: verdict }: Verdict): string {
  return task === null ? verdict : `${task}/${attempt ?? 0}`;
}
