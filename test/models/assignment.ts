import { workingSpecSchema } from '../../src/core/caws/working-spec.js';
import { type AgentProfile, agentProfileSchema } from '../../src/core/registry/agent-profile.js';
import type { Assignment, WorkNews } from '../../src/ports/worker.js';

/** An agent of a kind, free of charge unless said otherwise. */
export function agentOf(extra: object): AgentProfile {
  return agentProfileSchema.parse({ name: 'tester', kind: 'model', price: { input: 0, output: 0 }, ...extra });
}

/** A small assignment: add a file under src. */
export function assignmentOf(agent: AgentProfile, extra: Partial<Assignment> = {}): Assignment {
  return {
    taskId: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
    attempt: 1,
    candidate: 0,
    chunk: null,
    agent,
    repository: '/repository',
    base: 'a'.repeat(40),
    startPatch: null,
    spec: workingSpecSchema.parse({
      dialect: 'C',
      id: 'FEAT-1',
      title: 'greet',
      riskTier: 3,
      mode: 'feature',
      lifecycle: 'active',
      changeBudget: null,
      blastRadius: { modules: [], dataMigration: false },
      scope: { in: ['src/**'], out: ['src/secret/**'], support: [] },
      invariants: [],
      acceptance: [],
      security: [],
      contracts: [],
      rollbackSlo: null,
    }),
    protectedPaths: ['.caws/**'],
    prompt: { id: 'work@1', sha256: '0'.repeat(64), text: 'Write a greeting to src/hello.txt.' },
    plan: null,
    findings: [],
    bounds: { micro_usd: null, tokens: null, turns: 20, wall_ms: 60_000 },
    sandbox: 'none',
    ...extra,
  };
}

/** Gathers what a worker tells. */
export function listen(): { readonly told: WorkNews[]; readonly tell: (news: WorkNews) => void } {
  const told: WorkNews[] = [];
  return { told, tell: (news) => void told.push(news) };
}
