import { z } from 'zod';
import { type AgentProfile, agentProfileSchema } from '../../core/registry/agent-profile.js';
import { agentVersionRecordSchema } from '../../core/registry/registry-rows.js';
import { agentStatusSchema } from '../../core/registry/status.js';
import { findAgent } from '../../core/registry/snapshot.js';
import type { Rollout } from '../../core/rollout/rollout.js';
import { runningRollout } from '../../core/rollout/rollout-faults.js';
import { armKey } from '../../core/routing/arm.js';
import type { Operation } from '../operation.js';
import { listRollouts } from '../rollout/change-rollout.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { missingAgent } from './missing-agent.js';
import { nextProfile, profileChangeSchema } from './next-profile.js';
import { openRegistry } from './open-registry.js';

const nameSchema = z.strictObject({ name: z.string().min(1) });
const changedSchema = z
  .strictObject({ profile: agentProfileSchema, before: agentStatusSchema, running: z.number().int().nonnegative() })
  .meta({ id: 'AgentChanged' });
export type AgentChanged = z.infer<typeof changedSchema>;

type Declared = AgentProfile['status'];

function declaring<Name extends string>(
  name: Name,
  summary: string,
  status: Declared,
): Operation<z.infer<typeof nameSchema>, AgentChanged> {
  return {
    name,
    summary,
    role: 'human',
    input: nameSchema,
    output: changedSchema,
    run: (ports, input, { signal }) =>
      useRuntime(ports, signal, async (runtime) => {
        const registry = await openRegistry(runtime, ports.clock);
        const entry = findAgent(registry.snapshot(), input.name);
        if (entry === undefined) throw missingAgent(input.name, registry.quarantined());
        const profile = await registry.update(input.name, (before) => ({ ...before, status }));
        if (profile === null) throw missingAgent(input.name);
        return { profile, before: entry.status, running: entry.load.running };
      }),
  };
}

export const agentsDrain = declaring(
  'agents drain',
  'let an agent finish what it has, and give it nothing new',
  'draining',
);
export const agentsResume = declaring('agents resume', 'give a drained or retired agent work again', 'available');
export const agentsRetire = declaring(
  'agents retire',
  'give an agent no work for good; its history is kept',
  'retired',
);

const swapInputSchema = z.strictObject({
  name: z.string().min(1),
  profileVersion: z.string().min(1).describe('The version that takes its place.'),
  ...profileChangeSchema.shape,
  discount: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('What an outcome of the present version counts as for the next.'),
});
export type AgentSwap = z.infer<typeof swapInputSchema>;

const swappedSchema = z
  .strictObject({ name: z.string(), from: z.string(), record: agentVersionRecordSchema })
  .meta({ id: 'AgentSwapped' });
export type AgentSwapped = z.infer<typeof swappedSchema>;

/** Puts another version in the place of the one in use, while tasks run. @throws AGENT_UNKNOWN, AGENT_UNREADABLE, ROLLOUT_RUNNING, USAGE */
export const agentsSwap: Operation<AgentSwap, AgentSwapped> = {
  name: 'agents swap',
  summary:
    'put another version of an agent in the place of the one in use; it starts from that one’s figures, discounted',
  role: 'human',
  input: swapInputSchema,
  output: swappedSchema,
  run: (ports, input, { signal }) =>
    useRuntime(ports, signal, async (runtime) => {
      const registry = await openRegistry(runtime, ports.clock);
      const current = findAgent(registry.snapshot(), input.name)?.profile;
      if (current === undefined) throw missingAgent(input.name, registry.quarantined());
      refuseUnderRollout(
        armKey({ agent: current.name, version: current.version }),
        await listRollouts(runtime.rollouts),
      );
      const known = registry.facts().versions.get(input.name)?.get(input.profileVersion)?.record?.profile ?? null;
      const { profileVersion: version } = input;
      const record = await registry.swap(nextProfile(current, known, { ...input, version }), input.discount);
      if (record === null) throw missingAgent(input.name);
      return { name: input.name, from: current.version, record };
    }),
};

/** What is compared with another must stay what it is while it is compared. */
function refuseUnderRollout(key: string, rollouts: readonly Rollout[]): void {
  const running = rollouts.find(
    ({ state, subject }) => state === 'running' && (subject.incumbent === key || subject.candidate === key),
  );
  if (running !== undefined) throw runningRollout(running);
}
