import { type Outlook, checkOutlook, refuse } from './outlook.js';
import { normalBelow, normalQuantile } from './normal.js';

/**
 * An arm of which only averages are known: success from 0 to 1, cost in micro-dollars, latency in milliseconds.
 * `latencySpread` is the standard deviation of the logarithm of its latency: 0 where it always takes the same.
 */
export interface Estimate {
  readonly agent: string;
  readonly success: number;
  readonly cost: number;
  readonly latencyMs: number;
  readonly latencySpread: number;
}

/** Slices of difficulty, of equal weight: enough for a cascade of five, few enough for a decision within a millisecond. */
const slices = 16;
const difficulties = Array.from({ length: slices }, (_, index) => normalQuantile((index + 0.5) / slices));

/**
 * Outlook from averages alone, by one shared difficulty (a one-factor Gaussian copula): an arm solves a task when
 * √ρ·(ease of the task) + √(1 − ρ)·(luck of its run) exceeds its threshold. ρ = 0: arms fail independently, and every
 * cascade looks splendid; ρ = 1: what one arm fails at, no weaker one solves. Each arm's averages are kept. Harder tasks
 * take longer, by a log-normal law: it is what makes a hedge start when the first agent will probably fail.
 * @throws CASCADE_INPUT_INVALID for ρ outside [0, 1], a negative spread, and as `outlookFromTrials`
 */
export function outlookFromEstimates(estimates: readonly Estimate[], correlation: number): Outlook {
  if (!(correlation >= 0 && correlation <= 1)) throw refuse(`the correlation is ${correlation}, not within [0, 1]`);
  const wrong = estimates.find(({ latencySpread }) => !(latencySpread >= 0 && latencySpread <= 4));
  if (wrong !== undefined) throw refuse(`the latency of ${wrong.agent} spreads by ${wrong.latencySpread}, not 0 to 4`);
  return checkOutlook({
    agents: estimates.map(({ agent }) => agent),
    weight: difficulties.map(() => 1 / slices),
    success: estimates.map(({ success }) => keepMean(solves(success, correlation), success)),
    cost: estimates.map(({ cost }) => difficulties.map(() => cost)),
    latencyMs: estimates.map(({ latencyMs, latencySpread }) => {
      const longer = difficulties.map((ease) => Math.exp(-ease * latencySpread));
      return longer.map((factor) => (latencyMs * factor) / mean(longer));
    }),
  });
}

/** P(solved | difficulty) slice by slice: Φ((Φ⁻¹(p) + √ρ·z) / √(1 − ρ)). */
function solves(success: number, correlation: number): readonly number[] {
  if (!(success > 0 && success < 1)) return difficulties.map(() => success);
  const spread = Math.sqrt(Math.max(1e-9, 1 - correlation));
  const threshold = normalQuantile(success);
  return difficulties.map((ease) => normalBelow((threshold + Math.sqrt(correlation) * ease) / spread));
}

/** Slices are coarse: their mean is moved back onto the average that was given, without leaving [0, 1]. */
function keepMean(column: readonly number[], average: number): readonly number[] {
  const found = column.reduce((sum, value) => sum + value, 0) / column.length;
  if (found === average || !(average >= 0 && average <= 1)) return column;
  if (found > average) return column.map((value) => (value * average) / found);
  return column.map((value) => 1 - ((1 - value) * (1 - average)) / (1 - found));
}

/**
 * The ρ of `outlookFromEstimates` under which pairs of arms fail together as often as they did in these outcomes (one row
 * a task, a value from 0 to 1 an arm): moments are matched over all pairs at once, by bisection. 0 for fewer than two
 * arms or tasks, and where arms agree less often than by chance.
 */
export function measureCorrelation(outcomes: readonly (readonly number[])[]): number {
  const arms = outcomes[0]?.length ?? 0;
  if (arms < 2 || outcomes.length < 2) return 0;
  const fails = Array.from({ length: arms }, (_, arm) => mean(outcomes.map((row) => 1 - (row[arm] ?? 0))));
  // Σ over pairs of what both fail at = ((Σ fails)² − Σ fails²) / 2, a row at a time.
  const together = mean(outcomes.map((row) => pairs(row.map((value) => 1 - value))));
  const expected = (correlation: number): number => {
    const failing = fails.map((fail) => solves(1 - fail, correlation).map((value) => 1 - value));
    return mean(difficulties.map((_, slice) => pairs(failing.map((column) => column[slice] ?? 0))));
  };
  let low = 0;
  let high = 1;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (expected(middle) < together) low = middle;
    else high = middle;
  }
  return low < 1e-9 ? 0 : low;
}

function pairs(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return (sum * sum - squares) / 2;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
