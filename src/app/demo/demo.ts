import { z } from 'zod';
import { encodeUtf8 } from '../../core/digest.js';
import { verdictSchema } from '../../core/caws/verdict/verdict.js';
import { explainEvent } from '../../core/tasks/explain-event.js';
import { taskStateSchema } from '../../core/tasks/task.js';
import type { Task, TaskRequest } from '../../core/tasks/task.js';
import { Fault } from '../../core/fault.js';
import type { AgentProfile } from '../../core/registry/agent-profile.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import type { WorkerFaultCode } from '../../ports/worker.js';
import type { Operation, OperationContext } from '../operation.js';
import { followTask } from '../tasks/follow-task.js';
import { serveTasks } from '../tasks/serve-tasks.js';
import { submitTask } from '../tasks/submit-task.js';
import { useRuntime } from '../tasks/use-runtime.js';
import { type DemoTask, demoTasks, demoWords } from './demo-files.js';
import { layBase } from './lay-base.js';
import { recordAgents } from './record-agents.js';

export const demoInputSchema = z.strictObject({
  keep: z.boolean().default(false),
  agent: z.string().min(1).optional().describe('A real agent: one that was added, or a known program on PATH.'),
});
export type DemoInput = z.infer<typeof demoInputSchema>;

export const demoOutputSchema = z
  .strictObject({
    sandbox: z.enum(['bubblewrap', 'none']),
    sandboxDetail: z.string().describe('Why there is no sandbox; empty when there is one.'),
    repository: z.string().nullable().describe('Where the repository is kept, null when it was removed.'),
    tasks: z.array(
      z.strictObject({
        name: z.string(),
        story: z.string(),
        id: z.string(),
        state: taskStateSchema,
        attempts: z.number().int(),
        told: z.array(z.string()).describe('What happened, a line an event.'),
        asExpected: z.boolean().describe('Whether it ended as the constitution says; a real agent may end anyhow.'),
        verdict: verdictSchema.nullable(),
        reason: z.string().nullable(),
        signature: z
          .enum(['verified', 'refused', 'ssh-keygen missing', 'unsigned'])
          .describe('What ssh-keygen -Y verify said of the last verdict.'),
        milliseconds: z.number().int().nonnegative(),
      }),
    ),
  })
  .meta({ id: 'DemoResult' });
export type DemoOutput = z.infer<typeof demoOutputSchema>;

/**
 * Makes a real repository in a temporary folder and takes real tasks through the engine, with a store, keys and agents
 * of its own: nothing of the user's is changed. Where no sandbox works, the demo's own base says `sandbox: none`, and so
 * does each verdict. @throws AGENT_MISSING for a real agent that cannot be asked
 */
export const demo: Operation<DemoInput, DemoOutput> = {
  name: 'demo',
  summary: 'make a small repository, take real tasks through the engine, and show the verdicts',
  role: 'anyone',
  input: demoInputSchema,
  output: demoOutputSchema,
  async run(ports, input, context) {
    const probe = await ports.sandboxes.bubblewrap.probe();
    const sandbox = probe.available ? 'bubblewrap' : 'none';
    const real = input.agent === undefined ? null : await findRealAgent(ports, input.agent, context);
    context.progress.stage('prepare', 'a repository with tests, a policy and a spec');
    const keys = await ports.scratch.createFolder('demo-keys');
    const repository = await ports.scratch.createRepository('demo');
    try {
      const base = await layBase(ports, repository, keys.directory, sandbox);
      const agents = real === null ? await recordAgents(ports, repository, base, keys.directory) : [real];
      context.progress.stage('prepare', 'a store of its own: an embedded PostgreSQL');
      const shown = await useRuntime(
        ports,
        context.signal,
        async (runtime) => {
          for (const old of await runtime.agents.list()) await runtime.agents.remove(old.name);
          for (const agent of agents) await runtime.agents.put(agent);
          const asked: readonly DemoTask[] = real === null ? demoTasks : [realTask(real)];
          return runTasks(
            ports,
            runtime,
            { repository: repository.directory, keyFolder: keys.directory },
            asked,
            context,
          );
        },
        `${ports.places.stateHome}/demo`,
      );
      return {
        sandbox,
        sandboxDetail: probe.available ? '' : probe.detail,
        repository: input.keep ? repository.directory : null,
        tasks: shown,
      };
    } finally {
      if (!input.keep) await repository.remove();
      if (!input.keep) await keys.remove();
    }
  },
};

/** An agent that was added, else a known program with its usual endpoint. */
async function findRealAgent(ports: Ports, name: string, { signal }: OperationContext): Promise<AgentProfile> {
  return useRuntime(ports, signal, async ({ agents, leases }) => {
    const workers = ports.workers(leases);
    const added = (await agents.list()).find((agent) => agent.name === name);
    const agent = added ?? workers.suggest(name, 'cli') ?? workers.suggest(name, 'acp');
    const lacks = agent === null ? 'is no known program and was not added' : await workers.lacks(agent);
    if (agent !== null && lacks === null) return agent;
    throw new Fault<WorkerFaultCode>('AGENT_MISSING', `${name} ${lacks ?? ''}`, {
      mend: 'arbiter agents list shows what there is, arbiter agents add --help how to add one',
    });
  });
}

function realTask({ name }: AgentProfile): DemoTask {
  const story = `the fix, by ${name}`;
  return { name: 'real-agent', story, agents: [name], refinements: 2, expected: 'PASS', attempts: 1 };
}

type Shown = DemoOutput['tasks'][number];

interface Ground {
  readonly repository: string;
  readonly keyFolder: string;
}

/** All tasks are asked for at once and worked on side by side; they are told one after the other. */
async function runTasks(
  ports: Ports,
  runtime: OpenRuntime,
  ground: Ground,
  tasks: readonly DemoTask[],
  context: OperationContext,
): Promise<Shown[]> {
  const startedMs = ports.clock.nowMs();
  const ids: string[] = [];
  for (const task of tasks) ids.push((await submitTask(ports, runtime, requestOf(task, ground))).task.id);
  await serveTasks(ports, runtime, (text) => context.progress.note(text), context.signal);
  const shown: Shown[] = [];
  for (const [index, asked] of tasks.entries()) {
    const progress = {
      stage: (name: string) => context.progress.stage(asked.name, name),
      note: (text: string) => context.progress.note(text),
    };
    const { signal } = context;
    const task = await followTask(runtime, ids[index] ?? '', { progress, signal }, { clock: ports.clock });
    context.signal.throwIfAborted();
    shown.push(await showTask(ports, runtime, ground, asked, task, startedMs));
  }
  return shown;
}

function requestOf(task: DemoTask, { repository, keyFolder }: Ground): TaskRequest {
  return {
    words: demoWords,
    repository,
    spec: 'POST-001',
    base: null,
    agents: [...task.agents],
    candidates: 1,
    bounds: { micro_usd: 5_000_000, tokens: null, turns: 60, wall_ms: 600_000 },
    priority: 500,
    deadline_ms: null,
    dedup_key: null,
    refinements: task.refinements,
    key: `${keyFolder}/verdict`,
  };
}

async function showTask(
  ports: Ports,
  { tasks }: OpenRuntime,
  ground: Ground,
  asked: DemoTask,
  task: Task,
  startedMs: number,
): Promise<Shown> {
  const events = await tasks.readEvents(task.id);
  const bytes = task.verdict === null ? null : await tasks.getContent(task.verdict.sha256);
  const verdict = bytes === null ? null : verdictSchema.parse(ports.documents.read(bytes, 'verdict.yaml').value);
  const expectedState = asked.expected === 'PASS' ? 'accepted' : 'awaiting-waiver';
  return {
    name: asked.name,
    story: asked.story,
    id: task.id,
    state: task.state,
    attempts: task.attempt,
    told: events.map(({ event }) => explainEvent(event)),
    asExpected: task.state === expectedState && (asked.name === 'real-agent' || task.attempt === asked.attempts),
    verdict,
    reason: task.reason?.message ?? null,
    signature: await verifySignature(ports, ground, task),
    milliseconds: Math.max(0, task.updated_ms - startedMs),
  };
}

async function verifySignature(ports: Ports, { repository }: Ground, { files }: Task): Promise<Shown['signature']> {
  if (files === null || files.signature === null) return 'unsigned';
  const signers = await ports.files.readFile(`${repository}/.caws/keys/allowed_signers`);
  return ports.sshKeygen.verify({
    allowedSigners: encodeUtf8(new TextDecoder().decode(signers)),
    principal: 'arbiter',
    namespace: 'caws-verdict',
    message: await ports.files.readFile(files.verdict),
    signaturePath: files.signature,
  });
}
