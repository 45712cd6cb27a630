import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What work has cost so far. Integers: micro-dollars, tokens, model turns, milliseconds. */
export const spendSchema = z.strictObject({
  micro_usd: count,
  input_tokens: count,
  output_tokens: count,
  turns: count,
  wall_ms: count,
});
export type Spend = z.infer<typeof spendSchema>;

/** Bounds of one task; null: unbounded. Reserved before work starts, enforced inside it, settled after it. */
export const boundsSchema = z.strictObject({
  micro_usd: count.nullable(),
  tokens: count.nullable(),
  turns: count.nullable(),
  wall_ms: count,
});
export type Bounds = z.infer<typeof boundsSchema>;

export type BoundKind = 'money' | 'tokens' | 'turns' | 'time';

export const nothingSpent: Spend = { micro_usd: 0, input_tokens: 0, output_tokens: 0, turns: 0, wall_ms: 0 };

/** Sum of two spends. */
export function addSpend(a: Spend, b: Spend): Spend {
  return {
    micro_usd: a.micro_usd + b.micro_usd,
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    turns: a.turns + b.turns,
    wall_ms: a.wall_ms + b.wall_ms,
  };
}

/** What is left of the bounds; never below zero. Unbounded stays null. */
export function remainingBounds(bounds: Bounds, spent: Spend): Bounds {
  const left = (bound: number | null, used: number): number | null =>
    bound === null ? null : Math.max(0, bound - used);
  return {
    micro_usd: left(bounds.micro_usd, spent.micro_usd),
    tokens: left(bounds.tokens, spent.input_tokens + spent.output_tokens),
    turns: left(bounds.turns, spent.turns),
    wall_ms: Math.max(0, bounds.wall_ms - spent.wall_ms),
  };
}

/** The first bound that is reached, in the order money, tokens, turns, time; null while all hold. A bound of 0 is reached. */
export function reachedBound(bounds: Bounds, spent: Spend): BoundKind | null {
  if (bounds.micro_usd !== null && spent.micro_usd >= bounds.micro_usd) return 'money';
  if (bounds.tokens !== null && spent.input_tokens + spent.output_tokens >= bounds.tokens) return 'tokens';
  if (bounds.turns !== null && spent.turns >= bounds.turns) return 'turns';
  return spent.wall_ms >= bounds.wall_ms ? 'time' : null;
}
