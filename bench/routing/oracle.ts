import { type Step, indexOfBest } from './sample.js';
import { meanOf } from './statistics.js';

const ridge = 3;
const mostGroups = 10;

/**
 * Mean reward of a router that knows how the *other* arms fared on the very task, and nothing of the run that it is scored
 * by. For each arm in turn its own outcome is hidden: all arms are predicted from what is left (ridge regression on the
 * other arms and the groups, fitted on the other half of the steps), and where the hidden arm is predicted best, its
 * outcome counts. So whether a run counts never depends on that run: on pure luck this oracle gains nothing, where one that
 * sees the scored runs gains as much as there is luck.
 */
export function splitRunOracle(steps: readonly Step[]): number {
  const arms = steps[0]?.reward.length ?? 0;
  const rows = variablesOf(steps);
  const fits = [0, 1].map((half) =>
    fitAll(
      rows.filter((_, at) => at % 2 !== half),
      arms,
    ),
  );
  const counted = rows.flatMap((row, at) =>
    row.slice(0, arms).filter((_, hidden) => {
      const fit = fits[at % 2]?.[hidden] ?? [];
      return indexOfBest(fit.map((weights) => predict(weights, row))) === hidden;
    }),
  );
  return meanOf(counted);
}

/** Outcomes of the arms, then 1, then which of the commonest groups. */
function variablesOf(steps: readonly Step[]): readonly (readonly number[])[] {
  const counts = new Map<string, number>();
  for (const { group } of steps) counts.set(group, (counts.get(group) ?? 0) + 1);
  const groups = [...counts]
    .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, mostGroups)
    .map(([group]) => group);
  return steps.map(({ reward, group }) => [...reward, 1, ...groups.map((each) => (each === group ? 1 : 0))]);
}

interface Weight {
  readonly variable: number;
  readonly value: number;
}

function predict(weights: readonly Weight[], row: readonly number[]): number {
  let sum = 0;
  for (const { variable, value } of weights) sum += value * (row[variable] ?? 0);
  return sum;
}

/** For each hidden arm, for each arm, the weights that predict the latter without either of the two. */
function fitAll(rows: readonly (readonly number[])[], arms: number): readonly (readonly (readonly Weight[])[])[] {
  const size = rows[0]?.length ?? 0;
  const products = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) => rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)),
  );
  const every = Array.from({ length: arms }, (_, arm) => arm);
  return every.map((hidden) =>
    every.map((target) => {
      const inputs = products.flatMap((_, at) => (at === hidden || at === target ? [] : [at]));
      return solveRidge(products, inputs, target);
    }),
  );
}

/** Weights w that minimise Σ (x·w − y)² + ridge·|w|², by Gauss–Jordan elimination; the ridge keeps pivots above 0. */
function solveRidge(
  products: readonly (readonly number[])[],
  inputs: readonly number[],
  target: number,
): readonly Weight[] {
  const system = inputs.map((i) => [
    ...inputs.map((j) => (products[i]?.[j] ?? 0) + (i === j ? ridge : 0)),
    products[i]?.[target] ?? 0,
  ]);
  for (let pivot = 0; pivot < system.length; pivot++) eliminate(system, pivot);
  return inputs.map((variable, at) => ({
    variable,
    value: (system[at]?.at(-1) ?? 0) / (system[at]?.[at] ?? 1),
  }));
}

function eliminate(system: number[][], pivot: number): void {
  const head = system[pivot] ?? [];
  for (const [at, row] of system.entries()) {
    if (at === pivot) continue;
    const factor = (row[pivot] ?? 0) / (head[pivot] ?? 1);
    for (let column = pivot; column < row.length; column++)
      row[column] = (row[column] ?? 0) - factor * (head[column] ?? 0);
  }
}
