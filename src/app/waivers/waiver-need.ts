import type { Verdict } from '../../core/caws/verdict/verdict.js';
import { Fault } from '../../core/fault.js';
import type { Task } from '../../core/tasks/task.js';
import type { Ports } from '../../ports/ports.js';
import type { TaskStore } from '../../ports/task-store.js';
import type { WaiverFaultCode } from './waiver-law.js';
import { readStoredVerdict } from '../verdict/stored-verdict.js';

/** What a waiver has to lift. No paths: the whole change. */
export interface WaiverNeed {
  readonly gates: readonly string[];
  readonly paths: readonly string[];
  /** What the budget lacks. */
  readonly files: number;
  readonly lines: number;
}

/** What the verdict of a waiting task asks for. @throws WAIVER_INVALID when it waits for no waiver */
export async function needOfTask(
  { documents }: Pick<Ports, 'documents'>,
  tasks: Pick<TaskStore, 'getContent'>,
  task: Task,
): Promise<WaiverNeed> {
  if (task.state !== 'awaiting-waiver' || task.verdict === null) {
    throw new Fault<WaiverFaultCode>('WAIVER_INVALID', `task ${task.id} waits for no waiver: it is ${task.state}`, {
      mend: 'arbiter task list --state awaiting-waiver shows those that do',
    });
  }
  return needOfVerdict(await readStoredVerdict({ tasks, documents }, task.verdict.sha256));
}

/**
 * What would lift all that a verdict leaves open: its gates, the paths where every need is of paths that are all known,
 * and what the budget lacks.
 */
export function needOfVerdict({
  waivers_needed: needed,
  budgets,
}: Pick<Verdict, 'waivers_needed' | 'budgets'>): WaiverNeed {
  const isWhole = needed.some(({ paths, paths_omitted }) => paths.length === 0 || paths_omitted > 0);
  const over = (side: 'files' | 'loc'): number =>
    budgets === null ? 0 : Math.max(0, budgets.measured[side] - budgets.limits[side]);
  const overBudget = needed.some(({ gate }) => gate === 'budget_limit');
  return {
    gates: [...new Set(needed.map(({ gate }) => gate))].sort(),
    paths: isWhole ? [] : [...new Set(needed.flatMap(({ paths }) => paths))].sort(),
    files: overBudget ? over('files') : 0,
    lines: overBudget ? over('loc') : 0,
  };
}
