import { z } from 'zod';
import { agentProfileSchema } from '../../core/registry/agent-profile.js';
import { quarantinedRowSchema } from '../../core/registry/registry-rows.js';
import { allAgents } from '../../core/registry/snapshot.js';
import { versionOfStand } from '../../core/registry/stand.js';
import { agentStatusSchema } from '../../core/registry/status.js';
import type { Operation } from '../operation.js';
import { hearAgents } from '../registry/hear-agents.js';
import { missingAgent } from '../registry/missing-agent.js';
import { openRegistry } from '../registry/open-registry.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { type AgentAdd, addInputSchema, composeProfile } from './compose-profile.js';

const listInputSchema = z.strictObject({ find: z.boolean().default(true).describe('Also look for programs on PATH.') });
const agentListSchema = z
  .strictObject({
    agents: z.array(
      z.strictObject({
        profile: agentProfileSchema,
        status: agentStatusSchema,
        lacks: z.string().nullable().describe('Null: it can be asked.'),
      }),
    ),
    found: z
      .array(
        z.strictObject({ program: z.string(), kind: z.enum(['acp', 'cli']), path: z.string(), version: z.string() }),
      )
      .describe('Known agents on PATH that were not added yet.'),
    quarantined: z.array(quarantinedRowSchema).describe('Rows of the registry that cannot be read, set aside.'),
  })
  .meta({ id: 'AgentList' });
export type AgentList = z.infer<typeof agentListSchema>;

export const agentsList: Operation<z.infer<typeof listInputSchema>, AgentList> = {
  name: 'agents list',
  summary: 'list agents, what they lack, and known ones on PATH',
  role: 'anyone',
  input: listInputSchema,
  output: agentListSchema,
  run: (ports, { find }, { signal, progress }) =>
    useRuntime(ports, signal, async (runtime) => {
      const workers = ports.workers(runtime.leases);
      const registry = await openRegistry(runtime, ports.clock);
      await hearAgents(registry, workers, ports.clock.nowMs());
      // A version that stands beside the one in use is told by agents show.
      const entries = allAgents(registry.snapshot()).filter(({ profile }) => versionOfStand(profile.name) === null);
      if (find) progress.stage('look', 'for agents on PATH');
      const installed = find ? await workers.findInstalled(signal) : [];
      return {
        agents: await Promise.all(
          entries.map(async ({ profile, status }) => ({ profile, status, lacks: await workers.lacks(profile) })),
        ),
        found: installed
          .filter(
            ({ program, kind }) => !entries.some(({ profile }) => profile.program === program && profile.kind === kind),
          )
          .map((one) => ({ ...one })),
        quarantined: [...registry.quarantined()],
      };
    }),
};

const addOutputSchema = z
  .strictObject({ profile: agentProfileSchema, lacks: z.string().nullable(), replaced: z.boolean() })
  .meta({ id: 'AgentAdded' });

export const agentsAdd: Operation<AgentAdd, z.infer<typeof addOutputSchema>> = {
  name: 'agents add',
  summary: 'add an agent, or replace the one of that name',
  role: 'human',
  input: addInputSchema,
  output: addOutputSchema,
  run: (ports, input, { signal }) =>
    useRuntime(ports, signal, async ({ agents, leases }) => {
      const workers = ports.workers(leases);
      const profile = composeProfile(input, (program, kind) => workers.suggest(program, kind));
      const replaced = (await agents.list()).some((one) => one.name === profile.name);
      await agents.put(profile);
      return { profile, lacks: await workers.lacks(profile), replaced };
    }),
};

const nameSchema = z.strictObject({ name: z.string().min(1) });
const removedSchema = z.strictObject({ name: z.string() }).meta({ id: 'AgentRemoved' });

export const agentsRemove: Operation<z.infer<typeof nameSchema>, z.infer<typeof removedSchema>> = {
  name: 'agents remove',
  summary: 'remove an agent; its running tasks end, waiting ones go to the next agent',
  role: 'human',
  input: nameSchema,
  output: removedSchema,
  run: (ports, { name }, { signal }) =>
    useRuntime(ports, signal, async ({ agents }) => {
      if (await agents.remove(name)) return { name };
      throw missingAgent(name);
    }),
};
