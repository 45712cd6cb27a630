import type { Price } from './agent-profile.js';

/** Tokens of one model call, as the endpoint reported them. */
export interface Usage {
  /** The whole prompt, what came from or went to a cache included. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of `inputTokens` that was read from, or written to, the provider's cache. */
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

const tokensPerPrice = 1_000_000n;

/** A count of tokens: what is negative or no number counts as none, a fraction as one more. */
export function tokenCount(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER) : 0;
}

/**
 * What one model call costs, in whole micro-dollars, rounded up. A cache rate that is not known costs as input. A
 * prompt above a tier's border is charged at that tier as a whole. Parts that exceed the prompt raise it: never less
 * is charged than was reported anywhere. Saturates at the largest exact integer.
 */
export function costMicroUsd(price: Price, usage: Usage): number {
  const read = BigInt(tokenCount(usage.cacheReadTokens));
  const written = BigInt(tokenCount(usage.cacheWriteTokens));
  const told = BigInt(tokenCount(usage.inputTokens));
  const fresh = told > read + written ? told - read - written : 0n;
  const rate = rateFor(price, fresh + read + written);
  const cost =
    fresh * BigInt(rate.input) +
    read * BigInt(rate.cache_read ?? rate.input) +
    written * BigInt(rate.cache_write ?? rate.input) +
    BigInt(tokenCount(usage.outputTokens)) * BigInt(rate.output);
  const rounded = (cost + tokensPerPrice - 1n) / tokensPerPrice;
  return rounded > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(rounded);
}

function rateFor(price: Price, promptTokens: bigint): Omit<Price, 'tiers'> {
  return (price.tiers ?? []).findLast((tier) => promptTokens > BigInt(tier.above_tokens)) ?? price;
}
