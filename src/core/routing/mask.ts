import { z } from 'zod';

/** Why an arm may not be chosen. */
const maskNameSchema = z.enum([
  'retired',
  'drained',
  'quarantined',
  'not-named',
  'tried',
  'lacking',
  'capability',
  'language',
  'context-length',
  'residency',
  'price-unknown',
  'budget',
  'health',
  'breaker-open',
  'load',
  'rollout',
  'affinity',
]);
export type MaskName = z.infer<typeof maskNameSchema>;

/** One reason, with the fact that it rests on and what would lift it. */
export const maskSchema = z
  .strictObject({ mask: maskNameSchema, detail: z.string(), mend: z.string() })
  .meta({ id: 'RouteMask' });
export type Mask = z.infer<typeof maskSchema>;
