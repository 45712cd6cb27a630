import { z } from 'zod';

/** Stages in the order in which a rollout climbs them. `shadow`: the candidate decides and is logged, and never acts. */
export const stageSchema = z.enum(['shadow', 'canary-10', 'canary-25', 'canary-50', 'full']).meta({
  id: 'RolloutStage',
});
export type Stage = z.infer<typeof stageSchema>;

const percents: Readonly<Record<Stage, number>> = {
  shadow: 0,
  'canary-10': 10,
  'canary-25': 25,
  'canary-50': 50,
  full: 100,
};

/** How many tasks in a hundred the candidate gets. */
export function percentOf(stage: Stage): number {
  return percents[stage];
}

/** The stage above; null at the top. */
export function stageAbove(stage: Stage): Stage | null {
  const { options } = stageSchema;
  return options[options.indexOf(stage) + 1] ?? null;
}
