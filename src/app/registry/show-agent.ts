import { z } from 'zod';
import { type AgentProfile, agentProfileSchema } from '../../core/registry/agent-profile.js';
import { breakerSchema } from '../../core/registry/breaker.js';
import { healthSchema } from '../../core/registry/health.js';
import { loadSchema } from '../../core/registry/load.js';
import { performanceSchema } from '../../core/registry/performance.js';
import { quarantinedRowSchema } from '../../core/registry/registry-rows.js';
import { findAgent } from '../../core/registry/snapshot.js';
import { type ByKind, learnSpecialisations, specialisationSchema } from '../../core/registry/specialisation.js';
import { agentStatusSchema } from '../../core/registry/status.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { missingAgent } from './missing-agent.js';
import type { VersionFacts } from './registry-facts.js';
import { type Registry, agentBreaker, endpointBreaker, openRegistry } from './open-registry.js';

const inputSchema = z.strictObject({ name: z.string().min(1) });

const shownVersionSchema = z.strictObject({
  version: z.string(),
  in_use: z.boolean(),
  model: z.string().nullable(),
  parent: z.string().nullable().describe('Version that it started from.'),
  discount: z.number().nullable().describe('What an outcome of that one counts as.'),
  made_ms: z.number().nullable(),
  performance: z.array(performanceSchema),
});

/** What `arbiter agents show` tells. */
export const agentShownSchema = z
  .strictObject({
    profile: agentProfileSchema,
    status: agentStatusSchema,
    load: loadSchema,
    health: healthSchema.extend({ heard_ms: z.number().describe('0: never.') }),
    versions: z.array(shownVersionSchema),
    learned: z.array(specialisationSchema).describe('What its outcomes say that it is good or bad at.'),
    breakers: z.array(
      z.strictObject({ key: z.string(), state: z.enum(['closed', 'trial', 'open']), breaker: breakerSchema }),
    ),
    quarantined: z.array(quarantinedRowSchema).describe('Rows about it that cannot be read.'),
  })
  .meta({ id: 'AgentShown' });
export type AgentShown = z.infer<typeof agentShownSchema>;

/** Everything that the registry knows of one agent. @throws AGENT_UNKNOWN, AGENT_UNREADABLE */
export const agentsShow: Operation<z.infer<typeof inputSchema>, AgentShown> = {
  name: 'agents show',
  summary: 'show an agent: how it stands, how each version fared, what its outcomes say it is good at',
  role: 'anyone',
  input: inputSchema,
  output: agentShownSchema,
  run: (ports, { name }, { signal }) =>
    useRuntime(ports, signal, async (runtime) => describeAgent(await openRegistry(runtime, ports.clock), name)),
};

function describeAgent(registry: Registry, name: string): AgentShown {
  const entry = findAgent(registry.snapshot(), name);
  if (entry === undefined) throw missingAgent(name, registry.quarantined());
  const { profile, status, load, health } = entry;
  const prefixes = [`${name}@`, agentBreaker(name)];
  return {
    profile,
    status,
    load,
    health,
    versions: versionsOf(registry, profile),
    learned: [...learnedBy(registry, profile)],
    breakers: breakersOf(registry, profile),
    quarantined: registry
      .quarantined()
      .filter(({ key }) => key === name || prefixes.some((one) => key.startsWith(one))),
  };
}

function versionsOf(registry: Registry, profile: AgentProfile): AgentShown['versions'] {
  const versions = registry.facts().versions.get(profile.name) ?? new Map<string, VersionFacts>();
  return [...versions]
    .map(([version, { record, performance }]) => ({
      version,
      in_use: version === profile.version,
      model: record?.profile.model ?? null,
      parent: record?.parent ?? null,
      discount: record === null || record.parent === null ? null : record.discount,
      made_ms: record?.made_ms ?? null,
      performance: [...performance.values()],
    }))
    .toSorted((a, b) => (a.made_ms ?? 0) - (b.made_ms ?? 0));
}

/** Learned of the version in use, against all other agents’ versions in use. */
function learnedBy(registry: Registry, profile: AgentProfile): ReturnType<typeof learnSpecialisations> {
  const { profiles, versions } = registry.facts();
  const kindsOf = (one: AgentProfile): ByKind =>
    versions.get(one.name)?.get(one.version)?.histories ?? new Map<string, never>();
  const others = [...profiles.values()].filter(({ name }) => name !== profile.name);
  return learnSpecialisations(kindsOf(profile), others.map(kindsOf));
}

function breakersOf(registry: Registry, { name, endpoint }: AgentProfile): AgentShown['breakers'] {
  const keys = [agentBreaker(name), ...(endpoint === null ? [] : [endpointBreaker(endpoint.base_url)])];
  return keys.flatMap((key) => {
    const breaker = registry.facts().breakers.get(key);
    return breaker === undefined ? [] : [{ key, state: registry.admits(key).state, breaker }];
  });
}
