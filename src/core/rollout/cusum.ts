import { z } from 'zod';

/**
 * A one-sided cumulative sum that watches rewards for a fall from `usual` to `fallen` (both in (0, 1)). `level` rises
 * with evidence of the fall and rests at 0 without any; above `threshold` it is an alarm.
 */
export const cusumSchema = z.strictObject({
  usual: z.number().gt(0).lt(1),
  fallen: z.number().gt(0).lt(1),
  threshold: z.number().positive(),
  level: z.number().nonnegative(),
  outcomes: z.number().int().nonnegative(),
});
export type Cusum = z.infer<typeof cusumSchema>;

/**
 * The sum after one more reward in [0, 1]: level + log-likelihood ratio of fallen against usual, never below 0. A graded
 * reward counts as that share of a success, which varies less than a pass/fail one of the same mean.
 * @see Page, Continuous inspection schemes, Biometrika 41 (1954)
 */
export function watchReward(cusum: Cusum, reward: number): Cusum {
  const level = Math.max(0, cusum.level + reward * gainOf(cusum, 1) + (1 - reward) * gainOf(cusum, 0));
  return { ...cusum, level, outcomes: cusum.outcomes + 1 };
}

/** Whether the evidence of a fall exceeds the threshold. */
export function isAlarmed({ level, threshold }: Cusum): boolean {
  return level > threshold;
}

function gainOf({ usual, fallen }: Pick<Cusum, 'usual' | 'fallen'>, reward: 0 | 1): number {
  return reward === 1 ? Math.log(fallen / usual) : Math.log((1 - fallen) / (1 - usual));
}

/**
 * A sum at rest whose threshold is tuned so that an arm that stays at `usual` is alarmed once in `outcomesBetween`
 * outcomes on average. `usual` is held within [0.02, 0.98] and `drop` cut so that `fallen` stays above 0.01.
 */
export function tuneCusum(usual: number, drop: number, outcomesBetween: number): Cusum {
  const held = Math.min(0.98, Math.max(0.02, usual));
  const model = { usual: held, fallen: Math.max(0.01, held - drop) };
  let [low, high] = [0.05, 1];
  while (runLength(model, high) < outcomesBetween && high < 64) high *= 2;
  for (let step = 0; step < 24; step += 1) {
    const middle = (low + high) / 2;
    if (runLength(model, middle) < outcomesBetween) low = middle;
    else high = middle;
  }
  return { ...model, threshold: high, level: 0, outcomes: 0 };
}

const cells = 80;

/**
 * Outcomes until an alarm on average, of pass/fail rewards at `usual`: the sum as a Markov chain of 80 levels, a move
 * between two of them divided so that its mean is kept.
 * @see Brook & Evans, An approach to the probability distribution of CUSUM run length, Biometrika 59 (1972)
 */
function runLength(model: Pick<Cusum, 'usual' | 'fallen'>, threshold: number): number {
  const width = threshold / (cells - 1);
  // Rows of (I − P) t = 1, the right side as the last column.
  const rows = Array.from({ length: cells }, (_, from) => {
    const row = new Float64Array(cells + 1);
    row[from] = 1;
    row[cells] = 1;
    for (const reward of [0, 1] as const) {
      const chance = reward === 1 ? model.usual : 1 - model.usual;
      const at = Math.max(0, from + gainOf(model, reward) / width);
      const cell = Math.floor(at);
      const above = at - cell;
      // What passes the last cell has raised the alarm.
      if (cell < cells) row[cell] = (row[cell] ?? 0) - chance * (1 - above);
      if (cell + 1 < cells) row[cell + 1] = (row[cell + 1] ?? 0) - chance * above;
    }
    return row;
  });
  return solveFirst(rows);
}

/** First unknown of a system whose matrix is diagonally dominant, eliminated from the last column upwards. */
function solveFirst(rows: readonly Float64Array[]): number {
  const size = rows.length;
  for (let pivot = size - 1; pivot > 0; pivot -= 1) {
    const pivotRow = rows[pivot];
    if (pivotRow === undefined) break;
    for (let at = 0; at < pivot; at += 1) {
      const row = rows[at];
      const factor = row === undefined ? 0 : (row[pivot] ?? 0) / (pivotRow[pivot] ?? 1);
      if (row === undefined || factor === 0) continue;
      for (let column = 0; column <= pivot; column += 1)
        row[column] = (row[column] ?? 0) - factor * (pivotRow[column] ?? 0);
      row[size] = (row[size] ?? 0) - factor * (pivotRow[size] ?? 0);
    }
  }
  const first = rows[0];
  return first === undefined ? 0 : (first[size] ?? 0) / (first[0] ?? 1);
}
