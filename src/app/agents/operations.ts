import { z } from 'zod';
import { Fault } from '../../core/fault.js';
import { agentProfileSchema } from '../../core/registry/agent-profile.js';
import type { WorkerFaultCode } from '../../ports/worker.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { type AgentAdd, addInputSchema, composeProfile } from './compose-profile.js';

const listInputSchema = z.strictObject({ find: z.boolean().default(true).describe('Also look for programs on PATH.') });
const agentListSchema = z
  .strictObject({
    agents: z.array(
      z.strictObject({ profile: agentProfileSchema, lacks: z.string().nullable().describe('Null: it can be asked.') }),
    ),
    found: z
      .array(
        z.strictObject({ program: z.string(), kind: z.enum(['acp', 'cli']), path: z.string(), version: z.string() }),
      )
      .describe('Known agents on PATH that were not added yet.'),
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
    useRuntime(ports, signal, async ({ agents, leases }) => {
      const workers = ports.workers(leases);
      const profiles = await agents.list();
      if (find) progress.stage('look', 'for agents on PATH');
      const installed = find ? await workers.findInstalled(signal) : [];
      return {
        agents: await Promise.all(profiles.map(async (profile) => ({ profile, lacks: await workers.lacks(profile) }))),
        found: installed
          .filter(({ program, kind }) => !profiles.some((one) => one.program === program && one.kind === kind))
          .map((one) => ({ ...one })),
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
      throw new Fault<WorkerFaultCode>('AGENT_MISSING', `there is no agent named ${JSON.stringify(name)}`, {
        mend: 'arbiter agents list shows those that there are',
      });
    }),
};
