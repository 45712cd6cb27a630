import type { Task } from '../../core/tasks/task.js';
import type { GitSession } from '../../ports/git.js';
import type { Constitution } from '../adjudicate/admit.js';
import type { Case, ExaminedCase } from '../adjudicate/case.js';

/** A case that was opened and examined, with the session in which its candidate is sealed. */
export interface HeldCase {
  readonly git: GitSession;
  readonly opened: Case;
  readonly examined: ExaminedCase;
}

/**
 * Cases that one stage of a leg hands on to the next: sealing, measuring and examining a candidate again for its judge,
 * moments later in the same process, would be half of what a task costs. A leg that died hands on nothing: whoever takes
 * the task over opens the case anew.
 */
export interface HeldCases {
  keep(key: string, held: HeldCase): void;
  /** Hands it over: who takes it closes its session, or keeps it again. */
  take(key: string): HeldCase | null;
  /** The law of the base of an admitted task, for the stages until its work begins. What is judged reads it from the base. */
  keepLaw(task: LawPlace, law: Constitution): void;
  /** Null where this leg has not just read it. */
  findLaw(task: LawPlace): Constitution | null;
  /** Work takes its time: what comes after it reads the law anew. */
  forgetLaw(task: LawPlace): void;
  /** Closes the sessions of all that are left. */
  closeAll(): Promise<void>;
}

/** What the law of a task is read from. */
export type LawPlace = Pick<Task, 'id' | 'base' | 'spec_id'>;

/** Names the very candidate that a case is about: another attempt, plea or base is another case. */
export function caseKey(task: Task, index: number): string {
  return [task.id, task.attempt, index, task.base ?? '', task.candidates[index]?.plea?.sha256 ?? ''].join(' ');
}

/** Held by one leg, which closes what is left at its end. */
export function createHeldCases(): HeldCases {
  const cases = new Map<string, HeldCase>();
  const laws = new Map<string, Constitution>();
  const lawKey = ({ id, base, spec_id: spec }: LawPlace): string => JSON.stringify([id, base, spec]);
  return {
    keep: (key, held) => void cases.set(key, held),
    take(key) {
      const held = cases.get(key) ?? null;
      cases.delete(key);
      return held;
    },
    keepLaw(task, law) {
      // One that is not valid says the least: whoever needs it reads what is wrong with it.
      if (law.findings.length === 0) laws.set(lawKey(task), law);
    },
    findLaw: (task) => laws.get(lawKey(task)) ?? null,
    forgetLaw: (task) => void laws.delete(lawKey(task)),
    async closeAll() {
      const left = [...cases.values()];
      cases.clear();
      for (const { git } of left) await git.close();
    },
  };
}
