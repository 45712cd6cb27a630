import type { AgentProfile } from '../../core/registry/agent-profile.js';
import { agentOfStand, versionOfStand } from '../../core/registry/stand.js';
import type { Rollout, Standing } from '../../core/rollout/rollout.js';
import type { RolloutStore } from '../../ports/rollout-store.js';
import type { Registry } from '../registry/open-registry.js';
import { changeRollout, listRollouts } from './change-rollout.js';

/** Who puts versions of agents beside the one in use, in its place, and away. */
export type VersionKeeper = Pick<Registry, 'refresh' | 'facts' | 'standBeside' | 'swap' | 'retire'>;

/** What was done in the registry, and why so. */
interface Settled {
  readonly standing: Standing;
  readonly why: string;
}

/**
 * Has the registry do what the rollouts of versions ask for: the candidate stands beside the version in use while its
 * rollout runs, is swapped in when it was accepted, is retired when it was taken back. What is done is told in the story;
 * after a crash in between it is looked at again, and done once. Answers all rollouts as they are then, newest first.
 * @throws AGENT_UNREADABLE, and what the stores throw
 */
export async function settleVersions(
  store: RolloutStore,
  registry: VersionKeeper,
  atMs: number,
): Promise<readonly Rollout[]> {
  const settled: Rollout[] = [];
  for (const one of await listRollouts(store)) {
    settled.push(isUnsettled(one) ? await settleOne(store, registry, one, atMs) : one);
  }
  return settled;
}

function isUnsettled({ brought, settled }: Rollout): boolean {
  return brought?.what === 'version' && settled === null;
}

async function settleOne(store: RolloutStore, registry: VersionKeeper, first: Rollout, atMs: number): Promise<Rollout> {
  let rollout = first;
  for (;;) {
    const { brought, state } = rollout;
    if (brought?.what !== 'version' || rollout.settled !== null) return rollout;
    const done = await standings[state](registry, rollout, brought);
    ({ rollout } = await changeRollout(store, rollout.id, (present) =>
      // Somebody ended it meanwhile: what was done is looked at again.
      present.state !== state || present.settled !== null
        ? null
        : { type: 'version-settled', at_ms: atMs, standing: done.standing, why: done.why },
    ));
    if (rollout.state === state) return rollout;
  }
}

type Brought = Extract<NonNullable<Rollout['brought']>, { what: 'version' }>;
type Settle = (registry: VersionKeeper, rollout: Rollout, brought: Brought) => Promise<Settled>;

const standings: Readonly<Record<Rollout['state'], Settle>> = {
  running: async (registry, _rollout, { profile, discount }) => {
    const record = await registry.standBeside(profile, discount);
    if (record !== null) return { standing: 'beside', why: `it stands beside version ${record.parent ?? 'none'}` };
    await registry.refresh();
    return left(inUse(registry, profile.name));
  },
  finished: async (registry, { subject }, { profile, discount }) => {
    const { name, version } = profile;
    const incumbent = versionOfStand(subject.incumbent) ?? '';
    await registry.refresh();
    const current = inUse(registry, name);
    if (current?.version === version) return { standing: 'in-use', why: `${name} is at version ${version}` };
    const next = { ...profile, status: current?.status ?? profile.status };
    // Only from the incumbent: what a person has put in use since stays.
    if (current?.version === incumbent && (await registry.swap(next, discount, incumbent)) !== null) {
      return { standing: 'in-use', why: `${name} was swapped from version ${incumbent} to ${version}` };
    }
    await registry.retire(name, version);
    await registry.refresh();
    return left(inUse(registry, name));
  },
  'rolled-back': async (registry, { subject }, { profile: { name, version } }) => {
    await registry.refresh();
    const current = inUse(registry, name);
    const before = versionProfile(registry, subject.incumbent);
    if (current?.version === version && before !== null) {
      await registry.swap({ ...before, status: current.status }, 0, version);
    }
    if ((await registry.retire(name, version)) !== null) {
      return { standing: 'retired', why: `version ${version} of ${name} was retired` };
    }
    await registry.refresh();
    return left(inUse(registry, name));
  },
};

function left(current: AgentProfile | null): Settled {
  const why = current === null ? 'there is no such agent any more' : `${current.name} is at version ${current.version}`;
  return { standing: 'left', why };
}

function inUse(registry: VersionKeeper, name: string): AgentProfile | null {
  return registry.facts().profiles.get(name) ?? null;
}

function versionProfile(registry: VersionKeeper, key: string): AgentProfile | null {
  const versions = registry.facts().versions.get(agentOfStand(key));
  return versions?.get(versionOfStand(key) ?? '')?.record?.profile ?? null;
}
