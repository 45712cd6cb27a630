import { z } from 'zod';
import type { Price } from '../registry/agent-profile.js';
import { type Belief } from './policy.js';
import { type Complexity, complexitySchema, surfaceSchema } from './surface.js';

/** Results of a benchmark that was run elsewhere: one line a model and surface. A file that a person imports. */
export const benchmarkSchema = z
  .strictObject({
    name: z.string().min(1),
    source: z.string().min(1).describe('Where the figures come from, and under which licence.'),
    results: z
      .array(
        z.strictObject({
          model: z.string().min(1),
          family: z.string().nullable().default(null),
          surface: surfaceSchema.nullable().default(null),
          complexity: complexitySchema.nullable().default(null),
          tasks: z.number().int().positive(),
          success: z.number().min(0).max(1),
          cost_micro_usd: z.number().int().nonnegative().nullable().default(null).describe('Mean of one task.'),
          latency_ms: z.number().int().nonnegative().nullable().default(null).describe('Mean of one task.'),
        }),
      )
      .min(2),
  })
  .meta({ id: 'BenchmarkResults' });
export type Benchmark = z.infer<typeof benchmarkSchema>;

/** What a prior is made from. */
export interface Described {
  readonly model: string | null;
  readonly family: string | null;
  readonly price: Price | null;
}

/**
 * How much better than the middling arm this one is thought to be, before it has worked here: `lift` in success, worth
 * `evidence` outcomes; cost and time of one task of standard complexity. `from` says in a few words where that comes from.
 */
export interface Prior {
  readonly lift: number;
  readonly evidence: number;
  readonly costMicroUsd: number | null;
  readonly latencyMs: number;
  readonly from: string;
}

// Least squares over the 43 agents of the OpenHands Index, 1,217 tasks: success = 0.533 + 0.156 · log₁₀(dollars per
// million output tokens), residual deviation 0.077; their mean is 0.642. Rests on other people's tasks, so it is worth
// four outcomes here, not the forty that the residual would give it there.
const slope = 0.156;
const intercept = 0.533;
const middling = 0.642;
const catalogueEvidence = 4;
// Median there of dollars a task by dollars per million output tokens, and the median run.
const millionsOfOutput = 0.135;
const usualLatencyMs = 649_000;

// One outcome here is worth ten elsewhere; never more than twenty.
const outcomesElsewhere = 10;
const mostEvidence = 20;

/** Cost there of a third of the tasks, easiest to hardest, by the mean of all. */
export const costByComplexity: Readonly<Record<Complexity, number>> = { trivial: 0.73, standard: 0.82, complex: 1.46 };

/**
 * The prior of an arm: its model in the benchmark, else its family there (worth half), else its price, else nothing. A
 * model that costs nothing or whose price is not known has no lift, worth one outcome.
 */
export function priorOf({ model, family, price }: Described, benchmark: Benchmark | null): Prior {
  const cataloguePrior = priorByPrice(price);
  const own = benchmark?.results.filter((result) => result.model === model) ?? [];
  if (benchmark !== null && own.length > 0) return priorByResults(benchmark, own, 1, cataloguePrior, `${model}`);
  const kin = family === null ? [] : (benchmark?.results.filter((result) => result.family === family) ?? []);
  if (benchmark === null || kin.length === 0) return cataloguePrior;
  return priorByResults(benchmark, kin, 0.5, cataloguePrior, `family ${family}`);
}

function priorByPrice(price: Price | null): Prior {
  const perMillion = (price?.output ?? 0) / 1e6;
  const costMicroUsd = price === null ? null : Math.round(millionsOfOutput * price.output);
  if (perMillion <= 0) return { lift: 0, evidence: 1, costMicroUsd, latencyMs: usualLatencyMs, from: 'nothing known' };
  const lift = intercept + slope * Math.log10(perMillion) - middling;
  const bounded = Math.max(-0.4, Math.min(0.3, lift));
  const from = `price of ${perMillion} dollars per million output tokens`;
  return { lift: bounded, evidence: catalogueEvidence, costMicroUsd, latencyMs: usualLatencyMs, from };
}

function priorByResults(
  { name, results }: Benchmark,
  own: Benchmark['results'],
  worth: number,
  fallback: Prior,
  who: string,
): Prior {
  const tasks = own.reduce((sum, result) => sum + result.tasks, 0);
  // against the others on the same surface and complexity, so that an easy list makes nobody good
  const lift =
    own.reduce((sum, result) => sum + result.tasks * (result.success - meanBeside(results, result)), 0) / tasks;
  return {
    lift,
    evidence: worth * Math.min(mostEvidence, tasks / outcomesElsewhere),
    costMicroUsd: weightedMean(own, (result) => result.cost_micro_usd) ?? fallback.costMicroUsd,
    latencyMs: weightedMean(own, (result) => result.latency_ms) ?? fallback.latencyMs,
    from: `${who} in ${name}, ${tasks} tasks`,
  };
}

function meanBeside(results: Benchmark['results'], { surface, complexity }: Benchmark['results'][number]): number {
  const beside = results.filter((other) => other.surface === surface && other.complexity === complexity);
  return beside.reduce((sum, other) => sum + other.success, 0) / beside.length;
}

function weightedMean(
  results: Benchmark['results'],
  valueOf: (result: Benchmark['results'][number]) => number | null,
): number | null {
  let sum = 0;
  let tasks = 0;
  for (const result of results) {
    const value = valueOf(result);
    if (value === null) continue;
    sum += value * result.tasks;
    tasks += result.tasks;
  }
  return tasks === 0 ? null : sum / tasks;
}

/** A belief from a lift over the mean of such tasks. */
export function beliefOf(mean: number, lift: number, evidence: number): Belief {
  return { success: Math.max(0.01, Math.min(0.99, mean + lift)), evidence };
}
