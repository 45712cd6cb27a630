import type { AgentProfile } from '../../core/registry/agent-profile.js';
import { noLoad } from '../../core/registry/load.js';
import { type Arm, armKey } from '../../core/routing/arm.js';
import {
  type Cell,
  type Estimate,
  type Pool,
  type TaskKind,
  createPool,
  estimateArm,
} from '../../core/routing/estimate.js';
import type { Contender } from '../../core/routing/judge-arm.js';
import { priorOf } from '../../core/routing/prior.js';
import type { ArmTally, RouteStore } from '../../ports/route-store.js';
import type { AgentStore } from '../../ports/task-store.js';
import type { Workers } from '../../ports/worker.js';

export interface ContenderWorld {
  readonly agents: Pick<AgentStore, 'list'>;
  readonly workers: Pick<Workers, 'lacks' | 'priceOf'>;
  readonly routes: RouteStore;
}

/** Who stands for choice, what is expected of each at this kind of task, and the version of the price table. */
export interface Contenders {
  readonly contenders: readonly Contender[];
  readonly estimateOf: (arm: Arm) => Estimate;
  readonly prices: string;
}

/** All agents with what they lack, what they did so far, and what may be expected of them. */
export async function listContenders(world: ContenderWorld, kind: TaskKind, nowMs: number): Promise<Contenders> {
  const profiles = await world.agents.list();
  const arms = profiles.map((profile) => ({ profile, arm: armOf(profile), ...world.workers.priceOf(profile) }));
  const cells = cellsOf(await world.routes.tally(arms.map(({ arm }) => armKey(arm))));
  const pool = createPool(cells.values());
  const estimates = new Map(arms.map((one) => [armKey(one.arm), estimateOne(pool, cells, one, kind)]));
  const contenders = arms.map(async ({ profile, arm }): Promise<Contender> => ({
    arm,
    entry: {
      profile,
      status: profile.status,
      load: noLoad,
      health: { heard_ms: nowMs, probation: 0 },
      performance: new Map(),
    },
    costMicroUsd: estimates.get(armKey(arm))?.costMicroUsd ?? null,
    lacks: await world.workers.lacks(profile),
    withheld: null,
    openUntilMs: null,
  }));
  return {
    contenders: await Promise.all(contenders),
    estimateOf: (arm) => estimates.get(armKey(arm)) ?? unknownArm(arm),
    prices: arms[0]?.table ?? '',
  };
}

function armOf({ name, version, model }: AgentProfile): Arm {
  return { agent: name, version, model: model ?? '' };
}

function estimateOne(
  pool: Pool,
  cells: ReadonlyMap<string, readonly Cell[]>,
  { profile, arm, price }: { profile: AgentProfile; arm: Arm; price: AgentProfile['price'] },
  kind: TaskKind,
): Estimate {
  const prior = priorOf({ model: profile.model, family: profile.family, price }, null);
  return estimateArm(pool, cells.get(armKey(arm)) ?? [], prior, kind);
}

/** Sums by arm, as histories of shares and means. */
function cellsOf(tallies: readonly ArmTally[]): ReadonlyMap<string, readonly Cell[]> {
  const cells = new Map<string, Cell[]>();
  for (const { arm, surface, complexity, repository, count, reward, costMicroUsd, latencyMs } of tallies) {
    const mean = { success: reward / count, costMicroUsd: costMicroUsd / count, latencyMs: latencyMs / count };
    const cell: Cell = { surface, complexity, repository, outcomes: count, ...mean };
    const known = cells.get(arm);
    if (known === undefined) cells.set(arm, [cell]);
    else known.push(cell);
  }
  return cells;
}

function unknownArm(arm: Arm): never {
  throw new Error(`no estimate was made for ${armKey(arm)}`);
}
