import { z } from 'zod';

/** Shares of what may be staked at most, each played as a game of its own with an equal part of the starting capital. */
const fractions = [0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8] as const;

/** A running bet against a hypothesis: rounds played, and the natural logarithm of each game's capital. */
export const betSchema = z.strictObject({
  rounds: z.number().int().nonnegative(),
  log_capital: z.array(z.number()).length(fractions.length),
});
export type Bet = z.infer<typeof betSchema>;

/** Every game at its starting capital of 1. */
export const newBet: Bet = { rounds: 0, log_capital: fractions.map(() => 0) };

/**
 * Plays one round: each game multiplies its capital by 1 + fraction · gain ∕ worst. Under a hypothesis by which the
 * expected gain is at most 0, given all that came before, no game is expected to grow, and neither is their mean.
 * `gain` ≥ −`worst`, both finite, `worst` > 0; nothing can be lost below a fifth in a round, so no capital is ever 0.
 * @see Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting, JRSS B 86 (2024), §4.4 and App. B
 */
export function playRound(bet: Bet, gain: number, worst: number): Bet {
  const stake = gain / worst;
  return {
    rounds: bet.rounds + 1,
    log_capital: bet.log_capital.map((log, index) => log + Math.log1p((fractions[index] ?? 0) * stake)),
  };
}

/**
 * Natural logarithm of the e-value: the mean capital of all games; 0 before the first round. By Ville's inequality the
 * e-value ever exceeds 1 ∕ α with probability at most α while the hypothesis is true, however often it is looked at.
 */
export function logEvidence({ log_capital }: Bet): number {
  const top = Math.max(...log_capital);
  const sum = log_capital.reduce((total, log) => total + Math.exp(log - top), 0);
  return top + Math.log(sum / log_capital.length);
}
