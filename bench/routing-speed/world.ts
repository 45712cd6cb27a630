import { createRandom } from '../../src/core/random.js';
import { agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { agentNeedSchema } from '../../src/core/registry/capability-match.js';
import type { Arm } from '../../src/core/routing/arm.js';
import { type Cell, type Estimate, createPool, estimateArm } from '../../src/core/routing/estimate.js';
import type { Contender, TaskNeed } from '../../src/core/routing/judge-arm.js';
import { priorOf } from '../../src/core/routing/prior.js';

/** Agents that differ in price, success, load, language and history, the same for the same number. */
export interface RoutingWorld {
  readonly contenders: readonly Contender[];
  readonly task: TaskNeed;
  readonly estimateOf: (arm: Arm) => Estimate;
  readonly truthOf: (agent: string) => number;
}

const nowMs = 1_764_000_000_000;
const kind = { surface: 'code-editing', complexity: 'standard', repository: null } as const;

/** A world of this many agents. */
export function createRoutingWorld(agents: number): RoutingWorld {
  const random = createRandom(agents);
  const truths = new Map<string, number>();
  const contenders: Contender[] = [];
  const histories = new Map<string, readonly Cell[]>();
  for (let at = 0; at < agents; at += 1) {
    const name = `agent-${at}`;
    truths.set(name, 0.3 + 0.5 * random.uniform());
    const contender = contenderOf(name, at, random.uniform());
    contenders.push(contender);
    histories.set(name, at % 2 === 0 ? [] : cellsOf(truths.get(name) ?? 0, contender.costMicroUsd ?? 0));
  }
  const pool = createPool(histories.values());
  return {
    contenders,
    task: {
      need: agentNeedSchema.parse({ task_type: 'code-editing', languages: ['typescript'], context_tokens: 50_000 }),
      named: [],
      tried: [],
      budgetMicroUsd: 5_000_000,
      nowMs,
    },
    estimateOf: (arm) => {
      const price = { input: 1_000_000, output: 5_000_000 };
      const prior = priorOf({ model: arm.model, family: null, price }, null);
      return estimateArm(pool, histories.get(arm.agent) ?? [], prior, kind);
    },
    truthOf: (agent) => truths.get(agent) ?? 0,
  };
}

function contenderOf(name: string, at: number, draw: number): Contender {
  const languages = at % 3 === 2 ? ['python'] : ['typescript', 'python'];
  return {
    arm: { agent: name, version: '1', model: `model-${at % 20}` },
    entry: {
      profile: agentProfileSchema.parse({ name, kind: 'cli', capabilities: { languages } }),
      status: 'available',
      load: { running: at % 20 === 3 ? 1 : 0, waiting: at % 3 },
      health: { heard_ms: nowMs, probation: 0 },
      performance: new Map(),
    },
    costMicroUsd: Math.round(50_000 + 1_000_000 * draw),
    lacks: null,
    withheld: null,
    openUntilMs: at % 20 === 4 ? nowMs + 60_000 : null,
  };
}

function cellsOf(success: number, costMicroUsd: number): readonly Cell[] {
  return (['trivial', 'complex'] as const).map((complexity) => ({
    ...kind,
    complexity,
    outcomes: 20,
    success: complexity === 'trivial' ? Math.min(1, success + 0.2) : Math.max(0, success - 0.2),
    costMicroUsd,
    latencyMs: 300_000,
  }));
}
