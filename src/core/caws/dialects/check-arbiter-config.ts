import { type ArbiterConfig, arbiterConfigSchema } from '../arbiter-config.js';
import { type Checked, checkedOf } from './problem.js';
import { findShapeProblems } from './shape-problems.js';

/** Checks `.caws/arbiter.yaml` and fills in what it leaves out. */
export function checkArbiterConfig(value: unknown): Checked<ArbiterConfig> {
  const errors = findShapeProblems(arbiterConfigSchema, value, 'arbiter_config.schema.violation', []);
  return checkedOf(errors, [], () => arbiterConfigSchema.parse(value));
}
