import { z } from 'zod';
import { Fault } from '../../core/fault.js';
import { type AgentProfile, agentProfileSchema } from '../../core/registry/agent-profile.js';
import { agentVersionRecordSchema } from '../../core/registry/registry-rows.js';
import { agentStatusSchema } from '../../core/registry/status.js';
import { findAgent } from '../../core/registry/snapshot.js';
import type { CandidateFaultCode } from '../adjudicate/candidate.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { missingAgent } from './missing-agent.js';
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
  model: z.string().min(1).optional(),
  file: z.string().min(1).optional(),
  command: z.array(z.string().min(1)).optional(),
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

/** Puts another version in the place of the one in use, while tasks run. @throws AGENT_UNKNOWN, AGENT_UNREADABLE, USAGE */
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
      const known = registry.facts().versions.get(input.name)?.get(input.profileVersion)?.record?.profile ?? null;
      const record = await registry.swap(nextProfile(current, known, input), input.discount);
      if (record === null) throw missingAgent(input.name);
      return { name: input.name, from: current.version, record };
    }),
};

/** A version that there was before comes back as it was, but for what is said. */
function nextProfile(current: AgentProfile, known: AgentProfile | null, said: AgentSwap): AgentProfile {
  if (said.profileVersion === current.version) {
    throw usage(
      `${current.name} is at version ${current.version} already`,
      'name the version that is to take its place',
    );
  }
  const { model, file, command } = said;
  const told = Object.fromEntries(Object.entries({ model, file, command }).filter(([, value]) => value !== undefined));
  const parsed = agentProfileSchema.safeParse({
    ...(known ?? current),
    ...told,
    version: said.profileVersion,
    status: current.status,
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw usage(
    `no version can be made of this: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    'arbiter agents swap --help',
  );
}

function usage(message: string, mend: string): Fault<CandidateFaultCode> {
  return new Fault('USAGE', message, { mend });
}
