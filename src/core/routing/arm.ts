import { z } from 'zod';
import { agentOfStand, standName, versionOfStand } from '../registry/stand.js';

/**
 * What can be chosen: an agent of the registry at one version, with the model that it asks. Of one agent at most one
 * version stands for choice in a decision: which one is the rollout's word, so the agent's name alone names an arm there. A
 * version that a rollout has work beside the one in use goes by a name of its own, `agent@version`.
 */
export const armSchema = z
  .strictObject({
    agent: z
      .string()
      .regex(/^[a-z][a-z0-9._-]{0,63}(@[A-Za-z0-9][A-Za-z0-9._+-]{0,63})?$/)
      .describe('Name of the profile; agent@version where that version works beside the one in use.'),
    version: z.string().min(1).max(100),
    model: z.string().max(200).describe('Empty where the agent chooses its own.'),
  })
  .refine(
    ({ agent, version }) => (versionOfStand(agent) ?? version) === version,
    'its name says another version than it has',
  )
  .meta({ id: 'Arm' });
export type Arm = z.infer<typeof armSchema>;

/**
 * The key that an arm's history and its state are kept under: `agent@version`, whether the version is in use or works beside
 * the one that is.
 */
export function armKey(arm: Pick<Arm, 'agent' | 'version'>): string {
  return standName(agentOfStand(arm.agent), arm.version);
}
