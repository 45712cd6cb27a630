import { type AgentProfile, agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import { workingSpecSchema } from '../../src/core/caws/working-spec.js';
import { digestText } from '../../src/core/digest.js';
import type { Bounds } from '../../src/core/tasks/spend.js';
import type { Assignment } from '../../src/ports/worker.js';

/** A profile that fills in what a test does not care about. */
export function profileOf(agent: Readonly<Record<string, unknown>>): AgentProfile {
  return agentProfileSchema.parse({
    name: 'toy',
    kind: 'cli',
    model: 'mock',
    price: { input: 1_000_000, output: 2_000_000 },
    ...agent,
  });
}

/** An assignment whose scope is `a.txt` and `src/**`. */
export function assignmentOf(
  agent: AgentProfile,
  text: string,
  more: Partial<Omit<Assignment, 'bounds'>> & { readonly bounds?: Partial<Bounds> } = {},
): Assignment {
  const { bounds, ...rest } = more;
  return {
    taskId: 'T-1',
    attempt: 1,
    candidate: 0,
    chunk: null,
    agent,
    repository: '/nonexistent',
    base: '0'.repeat(40),
    startPatch: null,
    spec: workingSpecSchema.parse({
      dialect: 'C',
      id: 'S-1',
      title: 'a text that is to be changed',
      riskTier: 3,
      mode: 'feature',
      lifecycle: 'active',
      changeBudget: null,
      blastRadius: { modules: [], dataMigration: false },
      scope: { in: ['a.txt', 'src/**'], out: [], support: [] },
      invariants: [],
      acceptance: [],
      security: [],
      contracts: [],
      rollbackSlo: null,
    }),
    protectedPaths: ['.caws/**'],
    prompt: { id: 'work@1', sha256: digestText(text), text },
    plan: null,
    findings: [],
    sandbox: 'bubblewrap',
    ...rest,
    bounds: { micro_usd: null, tokens: null, turns: null, wall_ms: 60_000, ...bounds },
  };
}
