import { Fault } from '../../fault.js';

export type CascadeFaultCode = 'CASCADE_INPUT_INVALID';

/**
 * What is expected of several arms together. A row is a kind of task with the share of tasks (`weight`, summing to 1)
 * that are like it; `success[arm][row]` is the probability that the arm solves it, `cost[arm][row]` what it takes in
 * micro-dollars, `latencyMs[arm][row]` how long. Given the row, arms are independent: all correlation between them is in the rows, which is why a task
 * that one arm failed at can be known to be hard for the next.
 */
export interface Outlook {
  readonly agents: readonly string[];
  readonly weight: readonly number[];
  readonly success: readonly (readonly number[])[];
  readonly cost: readonly (readonly number[])[];
  readonly latencyMs: readonly (readonly number[])[];
}

/** One past task: what each arm came to (0 to 1), what it cost in micro-dollars, how long it took; in their order. */
export interface Trial {
  readonly success: readonly number[];
  readonly cost: readonly number[];
  readonly latencyMs: readonly number[];
}

/**
 * Outlook from tasks that every arm has tried: each is a row of its own, so that the joint pattern is kept as it was.
 * @throws CASCADE_INPUT_INVALID for no agent, no trial, a doubled agent, a length that differs, a number out of its domain
 */
export function outlookFromTrials(agents: readonly string[], trials: readonly Trial[]): Outlook {
  for (const [index, { success, cost, latencyMs }] of trials.entries()) {
    if ([success, cost, latencyMs].some((values) => values.length !== agents.length))
      throw refuse(`trial ${index + 1} has not one success, cost and latency for each of ${agents.length} agents`);
  }
  const column = (of: (trial: Trial) => readonly number[]) =>
    agents.map((_, arm) => trials.map((trial) => of(trial)[arm] ?? Number.NaN));
  return checkOutlook({
    agents,
    weight: trials.map(() => 1 / trials.length),
    success: column((trial) => trial.success),
    cost: column((trial) => trial.cost),
    latencyMs: column((trial) => trial.latencyMs),
  });
}

/**
 * The outlook itself, when it is one.
 * @throws CASCADE_INPUT_INVALID as `outlookFromTrials`
 */
export function checkOutlook(outlook: Outlook): Outlook {
  const { agents, weight } = outlook;
  if (agents.length === 0 || weight.length === 0) throw refuse('no agent, or no row, to plan with');
  if (new Set(agents).size !== agents.length) throw refuse('an agent stands twice among them');
  check(weight, 1, 'a weight');
  for (const [index, agent] of agents.entries()) {
    check(outlook.success[index] ?? [], 1, `the success of ${agent}`, weight.length);
    check(outlook.cost[index] ?? [], Number.MAX_VALUE, `the cost of ${agent}`, weight.length);
    check(outlook.latencyMs[index] ?? [], Number.MAX_VALUE, `the latency of ${agent}`, weight.length);
  }
  return outlook;
}

/** The same outlook with only these of its agents, by their index. */
export function narrowOutlook(outlook: Outlook, kept: readonly number[]): Outlook {
  const pick = <T>(values: readonly T[]): readonly T[] => kept.flatMap((index) => values.slice(index, index + 1));
  return {
    agents: pick(outlook.agents),
    weight: outlook.weight,
    success: pick(outlook.success),
    cost: pick(outlook.cost),
    latencyMs: pick(outlook.latencyMs),
  };
}

function check(values: readonly number[], most: number, what: string, length = values.length): void {
  if (values.length !== length) throw refuse(`${what} has ${values.length} rows, not ${length}`);
  const wrong = values.find((value) => !(value >= 0 && value <= most));
  if (wrong !== undefined) throw refuse(`${what} is ${wrong}, not a number from 0 to ${most === 1 ? 1 : 'infinity'}`);
}

/** A fault that names what was wrong with the planner's input. */
export function refuse(message: string): Fault<CascadeFaultCode> {
  return new Fault('CASCADE_INPUT_INVALID', message, {
    mend: 'give each agent once, a success from 0 to 1 and a known cost that is not negative',
  });
}

/** Weighted mean of one arm's column. */
export function meanOf(outlook: Outlook, column: readonly number[]): number {
  let sum = 0;
  for (let row = 0; row < column.length; row++) sum += (outlook.weight[row] ?? 0) * (column[row] ?? 0);
  return sum;
}
