import type { Verifier } from '../../src/core/routing/cascade/verifier.js';
import { measureCorrelation } from '../../src/core/routing/cascade/difficulty.js';
import { type Scored, type Split, comparable, scoreSplit } from './cascades.js';
import type { Matrix } from './matrix.js';
import { type Spread, meanOf, spreadOf } from './statistics.js';

const ends = ['better', 'cheaper', 'near', 'perfect', 'gated'] as const;
type End = (typeof ends)[number];

/** What one end came to over all splits. Points are hundredths of the tasks; costs are relative to the best arm's. */
export interface EndReport {
  readonly success: Spread;
  readonly costUsd: Spread;
  readonly gain: Spread;
  readonly relativeCost: Spread;
  /** The dearest of all splits. */
  readonly worst: number;
  /** Points of tasks on which something bad was accepted. */
  readonly wrong: Spread;
  /** Points that landing the last refused candidate would add. */
  readonly ifLastLanded: number;
  /** The sequence that most splits chose, and how many. */
  readonly usual: { readonly steps: readonly string[]; readonly splits: number };
}

/** Plans of one matrix, learned on halves and scored on the others. */
export interface CascadeReport {
  readonly set: string;
  readonly without: readonly string[];
  readonly verifier: Verifier;
  readonly arms: number;
  readonly tasks: number;
  readonly splits: number;
  /** ρ of all arms that are compared: how far they fail together. */
  readonly correlation: number;
  readonly best: { readonly success: Spread; readonly costUsd: Spread; readonly usual: string };
  readonly ends: Readonly<Record<End, EndReport>>;
  /** First split: the learned front, and what its plans came to, as [dollars, share of tasks]. */
  readonly front: readonly (readonly [number, number])[];
}

/** Null where fewer than two arms have a price. */
export function reportCascades(
  matrix: Matrix,
  without: readonly string[],
  verifier: Verifier,
  seeds: readonly number[],
): CascadeReport | null {
  const compared = comparable(matrix, without);
  if (compared.arms.length < 2 || compared.tasks.length < 40) return null;
  const splits = seeds.map((seed) => scoreSplit(compared, verifier, seed));
  const complete = compared.tasks.filter((task) => !task.r.includes(null));
  const of = (end: End): EndReport => endReport(splits.map((split) => split[end]));
  const bests = splits.map((split) => split.better.best);
  return {
    set: matrix.name,
    without,
    verifier,
    arms: compared.arms.length,
    tasks: compared.tasks.length,
    splits: splits.length,
    correlation: measureCorrelation(complete.map((task) => task.r.map((value) => value ?? 0))),
    best: {
      success: spreadOf(bests.map((best) => 100 * best.success)),
      costUsd: spreadOf(bests.map((best) => best.costUsd)),
      usual: commonest(bests.map((best) => best.arm)).value,
    },
    ends: {
      better: of('better'),
      cheaper: of('cheaper'),
      near: of('near'),
      perfect: of('perfect'),
      gated: of('gated'),
    },
    front: (splits[0] as Split).front.map((each) => [each.cost / 1e6, each.landed] as const),
  };
}

function endReport(scored: readonly Scored[]): EndReport {
  const plans = commonest(scored.map(({ steps }) => steps.join(' → ')));
  const relative = scored.map((each) => each.costUsd / each.best.costUsd);
  return {
    success: spreadOf(scored.map((each) => 100 * each.success)),
    costUsd: spreadOf(scored.map((each) => each.costUsd)),
    gain: spreadOf(scored.map((each) => 100 * (each.success - each.best.success))),
    relativeCost: spreadOf(relative),
    worst: Math.max(...relative),
    wrong: spreadOf(scored.map((each) => 100 * each.seen.wrong)),
    ifLastLanded: 100 * meanOf(scored.map((each) => each.seen.ifLastLanded - each.seen.landed)),
    usual: { steps: plans.value.split(' → '), splits: plans.count },
  };
}

function commonest(values: readonly string[]): { value: string; count: number } {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [first] = [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return { value: first?.[0] ?? '', count: first?.[1] ?? 0 };
}
