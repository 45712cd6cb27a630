import { z } from 'zod';
import { type AgentProfile, agentProfileSchema } from '../../core/registry/agent-profile.js';
import { breakerSchema } from '../../core/registry/breaker.js';
import { healthSchema } from '../../core/registry/health.js';
import { loadSchema } from '../../core/registry/load.js';
import { performanceSchema } from '../../core/registry/performance.js';
import { type AgentVersionRecord, quarantinedRowSchema } from '../../core/registry/registry-rows.js';
import { findAgent } from '../../core/registry/snapshot.js';
import { type ByKind, learnSpecialisations, specialisationSchema } from '../../core/registry/specialisation.js';
import { standName } from '../../core/registry/stand.js';
import { agentStatusSchema } from '../../core/registry/status.js';
import { type Rollout, endCauseSchema, sideSchema } from '../../core/rollout/rollout.js';
import { stageSchema } from '../../core/rollout/stage.js';
import type { Operation } from '../operation.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { missingAgent } from './missing-agent.js';
import type { VersionFacts } from './registry-facts.js';
import { listRollouts } from '../rollout/change-rollout.js';
import { percentFor } from '../rollout/rollout-report.js';
import { type Registry, agentBreaker, endpointBreaker, openRegistry } from './open-registry.js';

const inputSchema = z.strictObject({ name: z.string().min(1) });

const shownVersionSchema = z.strictObject({
  version: z.string(),
  in_use: z.boolean(),
  standing: z
    .enum(['in-use', 'beside', 'retired', 'before'])
    .describe(
      '`beside`: a rollout has it work beside the one in use. `retired`: taken back. `before`: was in use, or was brought in.',
    ),
  rollout: z
    .strictObject({
      id: z.string(),
      side: sideSchema,
      state: z.enum(['running', 'finished', 'rolled-back']),
      stage: stageSchema,
      percent: z.number().describe('How many tasks in a hundred this version gets by it.'),
      cause: endCauseSchema.nullable(),
    })
    .nullable()
    .describe('The newest rollout that names it.'),
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
    useRuntime(ports, signal, async (runtime) => {
      const registry = await openRegistry(runtime, ports.clock);
      return describeAgent(registry, await listRollouts(runtime.rollouts), name);
    }),
};

function describeAgent(registry: Registry, rollouts: readonly Rollout[], name: string): AgentShown {
  const entry = findAgent(registry.snapshot(), name);
  if (entry === undefined) throw missingAgent(name, registry.quarantined());
  const { profile, status, load, health } = entry;
  const prefixes = [`${name}@`, agentBreaker(name)];
  return {
    profile,
    status,
    load,
    health,
    versions: versionsOf(registry, rollouts, profile),
    learned: [...learnedBy(registry, profile)],
    breakers: breakersOf(registry, profile),
    quarantined: registry
      .quarantined()
      .filter(({ key }) => key === name || prefixes.some((one) => key.startsWith(one))),
  };
}

function versionsOf(registry: Registry, rollouts: readonly Rollout[], profile: AgentProfile): AgentShown['versions'] {
  const versions = registry.facts().versions.get(profile.name) ?? new Map<string, VersionFacts>();
  return [...versions]
    .map(([version, { record, performance }]): AgentShown['versions'][number] => ({
      version,
      in_use: version === profile.version,
      standing: version === profile.version ? 'in-use' : standingOf(record),
      rollout: rolloutOf(rollouts, standName(profile.name, version)),
      model: record?.profile.model ?? null,
      parent: record?.parent ?? null,
      discount: record === null || record.parent === null ? null : record.discount,
      made_ms: record?.made_ms ?? null,
      performance: [...performance.values()],
    }))
    .toSorted((a, b) => (a.made_ms ?? 0) - (b.made_ms ?? 0));
}

function standingOf(record: AgentVersionRecord | null): AgentShown['versions'][number]['standing'] {
  if (record?.stands === true) return 'beside';
  return record?.profile.status === 'retired' ? 'retired' : 'before';
}

function rolloutOf(rollouts: readonly Rollout[], key: string): AgentShown['versions'][number]['rollout'] {
  const found = rollouts.find(
    ({ subject }) => subject.kind !== 'policy' && (subject.incumbent === key || subject.candidate === key),
  );
  if (found === undefined) return null;
  const { id, subject, state, stage, ended } = found;
  const side = subject.candidate === key ? 'candidate' : 'incumbent';
  const share = percentFor(found);
  return { id, side, state, stage, percent: side === 'candidate' ? share : 100 - share, cause: ended?.cause ?? null };
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
