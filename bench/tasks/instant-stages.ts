import type { Task } from '../../src/core/tasks/task.js';
import type { Stages } from '../../src/app/tasks/stages.js';

const sha256 = 'a'.repeat(64);
const spend = { micro_usd: 1000, input_tokens: 900, output_tokens: 90, turns: 2, wall_ms: 40 };
const worker = { agent: 'bench', version: '1', model: 'none' };

/**
 * Stages that answer at once, each with the event that the real one tells of an ordinary task: what is left is the
 * engine, the store and the loop. `work` may be held up, until it is let go or the leg is stopped.
 */
export function instantStages(hold?: (task: Task, signal: AbortSignal) => Promise<void>): Stages {
  const at_ms = (): number => Date.now();
  return {
    admit: async () => ({
      type: 'task-admitted',
      at_ms: at_ms(),
      base: 'b'.repeat(40),
      spec_id: 'BENCH-1',
      spec_sha256: sha256,
      policy_sha256: sha256,
    }),
    decompose: async (task) => ({
      type: 'task-planned',
      at_ms: at_ms(),
      chunks: [{ id: 'whole', words: task.request.words, scope: [], after: [] }],
      by: 'whole',
      spend: { ...spend, micro_usd: 0 },
    }),
    route: async () => ({ type: 'worker-chosen', at_ms: at_ms(), ladder: ['bench'] }),
    review: () => Promise.reject(new Error('the bench has no cascades')),
    startWork: () => ({ type: 'work-started', at_ms: at_ms(), agents: ['bench'] }),
    async work(task, candidate, happened, { signal }) {
      await hold?.(task, signal);
      if (signal.aborted) return;
      await happened({ type: 'plan-proposed', at_ms: at_ms(), candidate, plan: sha256, files: 2, lines: 8, spend });
      await happened({ type: 'plea-submitted', at_ms: at_ms(), candidate, plea: sha256, patch: sha256, worker, spend });
    },
    examine: async (_task, candidate) => ({
      type: 'plea-examined',
      at_ms: at_ms(),
      candidate,
      result: 'clean',
      files: 2,
      lines: 8,
      open: [],
    }),
    judge: async (_task, candidate) => ({
      type: 'verdict-reached',
      at_ms: at_ms(),
      candidate,
      verdict_id: '01M8DDJYJ5A7XR1D9FYNCTC17F',
      outcome: 'PASS',
      sha256,
      findings: sha256,
      headline: 'PASS',
      mendable: false,
      cost: 8,
    }),
    record: async () => ({
      type: 'verdict-recorded',
      at_ms: at_ms(),
      files: { verdict: '/verdict.yaml', signature: '/verdict.sig' },
      kept: null,
    }),
    learn: async () => undefined,
  };
}
