import { z } from 'zod';
import { featuresSchema, surfaceSchema } from '../routing/surface.js';

const id = z.string().min(1).max(200);
const name = z.string().min(1).max(200);
const at_ms = z.number().int().nonnegative().optional();

const foreignCandidateSchema = z.strictObject({
  agent: name,
  propensity: z.number().min(0).max(1).optional().describe('Probability with which it was to be chosen.'),
  cost_micro_usd: z.number().int().nonnegative().default(0).describe('Expected.'),
  latency_ms: z.number().int().nonnegative().default(0).describe('Expected.'),
});

/** A decision of another orchestrator: who could be asked, and who was. */
const foreignDecisionSchema = z.strictObject({
  type: z.literal('decision'),
  id,
  at_ms,
  task_id: id.optional(),
  surface: surfaceSchema.default('code-editing'),
  features: featuresSchema.default({}),
  candidates: z.array(foreignCandidateSchema).min(1).max(1000),
  chosen: name,
});
export type ForeignDecision = z.infer<typeof foreignDecisionSchema>;

const foreignOutcomeSchema = z.strictObject({
  type: z.literal('outcome'),
  decision: id.describe('Id of a decision on a line above.'),
  at_ms,
  reward: z.number().min(0).max(1),
});

/** A line of another orchestrator’s log, as `arbiter shadow ingest` takes it. */
export const foreignLineSchema = z
  .discriminatedUnion('type', [foreignDecisionSchema, foreignOutcomeSchema])
  .meta({ id: 'ForeignLine' });
export type ForeignLine = z.infer<typeof foreignLineSchema>;

/** What is wrong with a decision that its shape does not show; null when nothing is. */
export function faultOfDecision({ candidates, chosen }: ForeignDecision): string | null {
  const names = candidates.map(({ agent }) => agent);
  if (new Set(names).size < names.length) return 'candidates: one of them stands twice';
  const taken = candidates.find(({ agent }) => agent === chosen);
  if (taken === undefined) return `chosen: ${JSON.stringify(chosen)} is none of the candidates`;
  const known = candidates.filter(({ propensity }) => propensity !== undefined);
  if (known.length === 0) return null;
  if (known.length < candidates.length) return 'candidates: some have a propensity and some have none';
  const sum = known.reduce((total, { propensity }) => total + (propensity ?? 0), 0);
  if (Math.abs(sum - 1) > 0.01) return `candidates: their propensities sum to ${sum.toFixed(3)}, and not to 1`;
  return taken.propensity === 0 ? 'chosen: its propensity is 0' : null;
}
