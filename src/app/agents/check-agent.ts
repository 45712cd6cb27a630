import { z } from 'zod';
import { isFault } from '../../core/fault.js';
import type { AgentProfile } from '../../core/registry/agent-profile.js';
import { spendSchema } from '../../core/tasks/spend.js';
import { WorkFault } from '../../core/tasks/work-fault.js';
import { nothingSpent } from '../../core/tasks/spend.js';
import type { WorkingSpec } from '../../core/caws/working-spec.js';
import type { Ports } from '../../ports/ports.js';
import type { Submission, Workers } from '../../ports/worker.js';
import type { Operation, OperationContext } from '../operation.js';
import { writeWorkPrompt } from '../prompts/write-prompt.js';
import { missingAgent } from '../registry/missing-agent.js';
import { type Registry, openRegistry } from '../registry/open-registry.js';
import { breakersOf } from '../registry/rest-of-agent.js';
import { useRuntime } from '../tasks/use-runtime.js';

const checkInputSchema = z.strictObject({
  name: z.string().min(1),
  maxMinutes: z.number().positive().max(30).default(3),
});

const checkOutputSchema = z
  .strictObject({
    name: z.string(),
    works: z.boolean().describe('It made the edit that it was asked for, and nothing else.'),
    saw: z.string().describe('What came of it, in a sentence.'),
    mend: z.string().nullable(),
    version: z.string().nullable(),
    model: z.string().nullable(),
    patch: z.string().describe('What it changed, as git measures it.'),
    spend: spendSchema,
    freed: z.array(z.string()).describe('Breakers that were open, and are closed because it works.'),
  })
  .meta({ id: 'AgentCheck' });
export type AgentCheck = z.infer<typeof checkOutputSchema>;

/**
 * Asks the agent for one trivial edit in a scratch repository, and says what it saw. One that works is let work: its open
 * breakers close. One that does not changes nothing of what is known of it.
 */
export const agentsCheck: Operation<z.infer<typeof checkInputSchema>, AgentCheck> = {
  name: 'agents check',
  summary: 'ask an agent for one trivial edit in a scratch repository, and say what it did',
  role: 'anyone',
  input: checkInputSchema,
  output: checkOutputSchema,
  run: (ports, { name, maxMinutes }, context) =>
    useRuntime(ports, context.signal, async (runtime) => {
      const agent = await runtime.agents.find(name);
      if (agent === null) throw missingAgent(name);
      const check = await tryAgent(ports, ports.workers(runtime.leases), agent, maxMinutes, context);
      return { ...check, freed: check.works ? await freeAgent(await openRegistry(runtime, ports.clock), agent) : [] };
    }),
};

type Tried = Omit<AgentCheck, 'freed'>;

/** It answered, so that no breaker keeps it from working any longer; answers those that did. */
async function freeAgent(registry: Registry, agent: AgentProfile): Promise<string[]> {
  const keys = breakersOf(agent);
  const shut = keys.filter((key) => registry.admits(key).state !== 'closed');
  await registry.answered(keys);
  return shut;
}

const trialSpec: WorkingSpec = {
  dialect: 'C',
  id: 'TRIAL-001',
  title: 'A trivial edit',
  riskTier: 3,
  mode: 'chore',
  lifecycle: 'active',
  changeBudget: { maxFiles: 1, maxLoc: 10 },
  blastRadius: { modules: ['notes/greeting.txt'], dataMigration: false },
  scope: { in: ['notes'], out: [], support: [] },
  invariants: [],
  acceptance: [],
  security: [],
  contracts: [],
  rollbackSlo: null,
};

const trial = {
  words: 'Change notes/greeting.txt so that its one line reads exactly: hello, arbiter',
  spec: trialSpec,
  budget: { maxFiles: 1, maxLoc: 10 },
  protectedPaths: [],
  chunk: null,
  plan: null,
};

async function tryAgent(
  ports: Ports,
  workers: Workers,
  agent: AgentProfile,
  maxMinutes: number,
  { progress, signal }: OperationContext,
): Promise<Tried> {
  const lacks = await workers.lacks(agent);
  const blank = { name: agent.name, version: null, model: agent.model, patch: '', spend: nothingSpent };
  if (lacks !== null) return { ...blank, works: false, saw: `${agent.name} ${lacks}`, mend: null };
  const probe = await ports.sandboxes.bubblewrap.probe();
  progress.stage('ask', `${agent.name} for one edit in a scratch repository`);
  const repository = await ports.scratch.createRepository('agent-check');
  try {
    const base = await repository.commit('greeting', { 'notes/greeting.txt': 'hello\n' });
    const worker = await workers.workerOf(agent);
    const submission = await worker.work(
      {
        taskId: 'agent-check',
        attempt: 1,
        candidate: 0,
        chunk: null,
        agent,
        repository: repository.directory,
        base,
        startPatch: null,
        spec: trialSpec,
        protectedPaths: [],
        prompt: writeWorkPrompt(trial),
        plan: null,
        findings: [],
        bounds: { micro_usd: null, tokens: 200_000, turns: 20, wall_ms: Math.floor(maxMinutes * 60_000) },
        sandbox: probe.available ? 'bubblewrap' : 'none',
      },
      (news) => progress.note(news.text),
      signal,
    );
    return { ...blank, ...judgeEdit(submission) };
  } catch (error) {
    if (!isFault(error) || signal.aborted) throw error;
    const spend = error instanceof WorkFault ? error.spend : nothingSpent;
    return { ...blank, works: false, saw: error.message, mend: error.mend, spend };
  } finally {
    await repository.remove();
  }
}

/** Whether it did what it was asked for, and nothing else. */
function judgeEdit({ patch: bytes, worker, spend }: Submission): Omit<Tried, 'name'> {
  const patch = new TextDecoder().decode(bytes);
  const touched = [...patch.matchAll(/^diff --git .* b\/(.*)$/gm)].map((match) => match[1] ?? '');
  const { version, model } = worker;
  const what = { version, model, patch, spend };
  if (touched.length === 1 && touched[0] === 'notes/greeting.txt' && /^\+hello, arbiter$/m.test(patch)) {
    return { ...what, works: true, saw: 'it made the edit that it was asked for, and nothing else', mend: null };
  }
  const saw = `it changed ${touched.length === 0 ? 'nothing' : touched.join(', ')}, but not as it was asked`;
  return { ...what, works: false, saw, mend: 'look at what it changed; another model may follow better' };
}
