import { z } from 'zod';
import { arbiterConfigSchema } from '../../core/caws/arbiter-config.js';
import { Fault } from '../../core/fault.js';
import type { AgentProfile } from '../../core/registry/agent-profile.js';
import { agentOfStand, standName, versionOfStand } from '../../core/registry/stand.js';
import { overlap } from '../../core/rollout/admit.js';
import type { Rollout } from '../../core/rollout/rollout.js';
import { runningRollout } from '../../core/rollout/rollout-faults.js';
import { armKey } from '../../core/routing/arm.js';
import { policyKey } from '../../core/routing/policy-key.js';
import type { Surface } from '../../core/routing/surface.js';
import type { Ports } from '../../ports/ports.js';
import { nextProfile, profileChangeSchema } from '../registry/next-profile.js';
import type { Registry } from '../registry/open-registry.js';
import { configuredPolicy, namePolicy } from './name-policy.js';

export type RolloutSubjectFaultCode = 'ROLLOUT_SUBJECT_UNKNOWN';

const key = z.string().regex(/^[^\s@]{1,64}@\S{1,200}$/, 'is no name@version');
const word = z.string().min(1).max(1000);

/** What takes the place of what, as a person says it. */
export const namedSubjectSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.enum(['agent', 'model']),
      incumbent: key.nullable().default(null).describe('Null: the version of the candidate’s agent that is in use.'),
      candidate: key,
      change: profileChangeSchema.prefault({}).describe('What a new version of the incumbent’s agent is made by.'),
      discount: z.number().min(0).max(1).default(0.5).describe('What an outcome of the incumbent counts as for it.'),
    })
    .refine(({ incumbent, candidate }) => incumbent !== candidate, 'the candidate is the incumbent'),
  z.strictObject({
    kind: z.literal('policy'),
    incumbent: word.nullable().default(null).describe('Null: the policy that the repository at hand is governed by.'),
    candidate: word.describe('NAME, NAME:key=value,…, NAME@1, or a .yaml or .json file.'),
    directory: z.string().nullable().default(null).describe('Folder in the repository at hand.'),
  }),
]);
type NamedSubject = z.infer<typeof namedSubjectSchema>;

/** The subject of a rollout, and what it brings with it. */
export type Subject = Pick<Rollout, 'subject' | 'brought'>;

/** What there is to be named. */
export interface SubjectPlace {
  readonly ports: Ports;
  readonly registry: Pick<Registry, 'facts'>;
  readonly rollouts: readonly Rollout[];
  readonly signal: AbortSignal;
}

/**
 * Finds out what a person means. A name that nobody has is a slip of the pen: its rollout would divide no task, and wait
 * forever. @throws ROLLOUT_SUBJECT_UNKNOWN, ROLLOUT_RUNNING, POLICY_WORD_INVALID, USAGE
 */
export async function nameSubject(place: SubjectPlace, said: NamedSubject, surface: Surface | null): Promise<Subject> {
  if (said.kind === 'policy') return namePolicies(place, said);
  const { kind, candidate } = said;
  const current = inUse(place, candidate);
  const incumbent = said.incumbent ?? armKey({ agent: current.name, version: current.version });
  const subject = { kind, incumbent, candidate };
  // Before the versions are looked at: the incumbent of another's candidate is not in use yet.
  const running = place.rollouts.find((one) => one.state === 'running' && overlap({ subject, surface }, one));
  if (running !== undefined) throw runningRollout(running);
  requireInUse(place, incumbent);
  if (agentOfStand(incumbent) === current.name) return nameVersion(place, subject, current, said);
  requireInUse(place, candidate);
  if (Object.keys(said.change).length > 0) {
    throw unknown(
      `${candidate} is another agent than ${incumbent}, and stands as it is`,
      'leave its model, file and command out',
    );
  }
  return { subject, brought: null };
}

function nameVersion(
  { registry }: SubjectPlace,
  subject: Rollout['subject'],
  current: AgentProfile,
  { change, discount }: Extract<NamedSubject, { kind: 'agent' | 'model' }>,
): Subject {
  const version = versionOfStand(subject.candidate) ?? '';
  const known = registry.facts().versions.get(current.name)?.get(version)?.record?.profile ?? null;
  const profile = nextProfile(current, known, { ...change, version });
  return { subject, brought: { what: 'version', profile, discount } };
}

function inUse({ registry }: SubjectPlace, name: string): AgentProfile {
  const found = registry.facts().profiles.get(agentOfStand(name));
  if (found !== undefined) return found;
  throw unknown(
    `${JSON.stringify(name)} is not an agent here`,
    'write NAME@VERSION with a name of arbiter agents list',
  );
}

function requireInUse(place: SubjectPlace, name: string): void {
  const { name: agent, version } = inUse(place, name);
  if (name === standName(agent, version)) return;
  throw unknown(
    `${agent} is at version ${version}, not at ${versionOfStand(name) ?? ''}`,
    `write ${agent}@${version}, or arbiter agents swap ${agent} first`,
  );
}

async function namePolicies(place: SubjectPlace, said: Extract<NamedSubject, { kind: 'policy' }>): Promise<Subject> {
  const { directory } = said;
  const configured = directory === null ? null : await configuredPolicy(place.ports, directory, place.signal);
  const incumbent =
    said.incumbent === null
      ? (configured ?? arbiterConfigSchema.parse({ version: 1 }).routing.policy)
      : await namePolicy(place, said.incumbent, null);
  const candidate = await namePolicy(place, said.candidate, incumbent);
  const subject = { kind: said.kind, incumbent: policyKey(incumbent), candidate: policyKey(candidate) };
  if (subject.incumbent === subject.candidate) {
    throw unknown(`${subject.candidate} is the policy that is there`, 'say what is to be different');
  }
  return { subject, brought: { what: 'policies', incumbent, candidate } };
}

function unknown(message: string, mend: string): Fault<RolloutSubjectFaultCode> {
  return new Fault('ROLLOUT_SUBJECT_UNKNOWN', message, { mend });
}
