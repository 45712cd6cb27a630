import { z } from 'zod';

/**
 * What can be chosen: an agent of the registry at one version, with the model that it asks. Of one agent at most one
 * version stands for choice in a decision: which one is the rollout's word, so the agent's name alone names an arm there.
 */
export const armSchema = z
  .strictObject({
    agent: z
      .string()
      .regex(/^[a-z][a-z0-9._-]{0,63}$/)
      .describe('Name of the profile.'),
    version: z.string().min(1).max(100),
    model: z.string().max(200).describe('Empty where the agent chooses its own.'),
  })
  .meta({ id: 'Arm' });
export type Arm = z.infer<typeof armSchema>;

/** The key that an arm's history and its state are kept under: `agent@version`. An agent's name holds no `@`. */
export function armKey(arm: Pick<Arm, 'agent' | 'version'>): string {
  return `${arm.agent}@${arm.version}`;
}
