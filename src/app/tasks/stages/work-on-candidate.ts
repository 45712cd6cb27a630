import { z } from 'zod';
import { deriveBudget } from '../../../core/caws/examine/derive-budget.js';
import { examineIntent } from '../../../core/caws/examine/examine-intent.js';
import { scopeOf } from '../../../core/caws/examine/examine-plea.js';
import { type Finding, findingSchema } from '../../../core/caws/finding.js';
import { type PlanOfEdit, planOfEditSchema } from '../../../core/caws/plea.js';
import { protectedPatterns } from '../../../core/caws/protected-paths.js';
import type { AgentProfile } from '../../../core/registry/agent-profile.js';
import type { Chunk } from '../../../core/tasks/chunk.js';
import { type Spend, remainingBounds } from '../../../core/tasks/spend.js';
import type { Candidate, Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import { Fault, isFault } from '../../../core/fault.js';
import type { Assignment, Prompt, Submission, WorkNews, Worker } from '../../../ports/worker.js';
import type { Constitution } from '../../adjudicate/admit.js';
import { writePlanPrompt, writeRefinePrompt, writeWorkPrompt } from '../../prompts/write-prompt.js';
import type { PromptMatter } from '../../prompts/describe-matter.js';
import { breakersOf } from '../../registry/rest-of-agent.js';
import type { StageContext } from '../stages.js';
import { type StoredPlea, storedPleaSchema } from '../stored-plea.js';
import { lawOfTask } from './admit-task.js';
import { awaitAgent } from './await-agent.js';
import { failCandidate } from './fail-candidate.js';
import { type TaskWorld, getJson, putJson, requireAgent } from './task-world.js';

type Happened = (event: TaskEvent) => Promise<Task>;

/** The law that work is done under, as far as an assignment needs it. */
type Law = Constitution & { readonly spec: NonNullable<Constitution['spec']> };

interface Job {
  readonly world: TaskWorld;
  readonly index: number;
  readonly agent: AgentProfile;
  readonly worker: Worker;
  readonly law: Law;
  readonly findings: readonly Finding[];
  readonly happened: Happened;
  readonly context: StageContext;
}

/**
 * Plan of edit first, then part after part, each stored as it is finished, so that a crash costs no finished part. What
 * a worker fails at is an event with what it cost, never a lost task.
 */
export async function workOnCandidate(
  world: TaskWorld,
  task: Task,
  index: number,
  happened: Happened,
  context: StageContext,
): Promise<void> {
  try {
    const agent = await requireAgent(world.agents, task.candidates[index]?.agent ?? '');
    const worker = await world.workers.workerOf(agent);
    await awaitAgent(world, agent, task.id, context);
    const law = await readSpecLaw(world, task, context);
    const findings =
      task.findings === null ? [] : z.array(findingSchema).parse(await getJson(world.tasks, task.findings));
    const job: Job = { world, index, agent, worker, law, findings, happened, context };
    const planned = await planFirst(job, task);
    if (planned === null) return;
    await workOnParts(job, planned);
    // It worked to its end, and its endpoint answered, whatever comes of it.
    await world.registry.answered(breakersOf(agent));
  } catch (error) {
    if (context.signal.aborted || !isFault(error) || isFault(error, 'TASK_MOVED_ON')) throw error;
    await happened(await failCandidate(world, task, index, error));
  }
}

async function readSpecLaw(world: TaskWorld, task: Task, context: StageContext): Promise<Law> {
  const law = await lawOfTask(world, task, context);
  context.cases.forgetLaw(task);
  const { spec } = law;
  if (spec !== null) return { ...law, spec };
  throw new Fault('SPEC_MISSING', `the base has no valid spec ${task.spec_id ?? ''}`, {
    mend: 'mend the spec at the base',
  });
}

/** The task with an admitted plan; null when the plan was refused. A refinement goes on under the plan that it has. */
async function planFirst(job: Job, task: Task): Promise<Task | null> {
  const { world, index, worker, law, happened, context } = job;
  if (task.start_patch !== null || candidateOf(task, index).plan !== null) return task;
  const prompt = writePlanPrompt({ ...matterOf(law, task.request.words, null), findings: job.findings });
  const assignment = await assign(job, task, { chunk: null, startPatch: null, plan: null, prompt });
  const { plan, spend } = await worker.plan(assignment, tellNews(context), context.signal);
  const budget = deriveBudget(law.spec, law.policy, law.waivers);
  const standingOf = scopeOf(law.spec, law.policy, law.config);
  const findings = examineIntent(plan, { id: law.spec.id, standingOf }, budget.limits);
  const at_ms = world.ports.clock.nowMs();
  const [first] = findings;
  if (first !== undefined) {
    const stored = await putJson(world.tasks, findings);
    const headline = `${first.path === null ? '' : `${first.path}: `}${first.message}`;
    await happened({ type: 'plan-refused', at_ms, candidate: index, findings: stored, headline, spend });
    return null;
  }
  const lines = plan.files.reduce((sum, file) => sum + file.lines, 0);
  const stored = await putJson(world.tasks, plan);
  return happened({
    type: 'plan-proposed',
    at_ms,
    candidate: index,
    plan: stored,
    files: plan.files.length,
    lines,
    spend,
  });
}

async function workOnParts(job: Job, task: Task): Promise<void> {
  const { world, index, worker, law, happened, context } = job;
  const parts = partsOf(task);
  let now = task;
  for (const [place, chunk] of parts.entries()) {
    const candidate = candidateOf(now, index);
    if (candidate.chunks.some((done) => done.id === chunk.id)) continue;
    const plan = await loadPlan(job, candidate);
    const matter = { ...matterOf(law, now.request.words, parts.length === 1 ? null : chunk), plan };
    const prompt =
      now.start_patch === null ? writeWorkPrompt(matter) : writeRefinePrompt({ ...matter, findings: job.findings });
    const startPatch = candidate.chunks.at(-1)?.patch ?? now.start_patch;
    const assignment = await assign(job, now, { chunk, startPatch, plan, prompt });
    const submission = await worker.work(assignment, tellNews(context), context.signal);
    context.signal.throwIfAborted();
    const asked = questionOf(submission, index, world.ports.clock.nowMs());
    if (asked !== null) {
      await happened(asked);
      return;
    }
    const stored = await storePlea(job, now, { submission, plan, prompt });
    const at_ms = world.ports.clock.nowMs();
    const { spend } = submission;
    now = await happened(
      place === parts.length - 1
        ? { type: 'plea-submitted', at_ms, candidate: index, ...stored, worker: submission.worker, spend }
        : { type: 'chunk-finished', at_ms, candidate: index, chunk: chunk.id, ...stored, spend },
    );
  }
}

/** What a prompt is about: the request, the part that is meant, and the law. */
function matterOf(law: Law, words: string, chunk: Chunk | null): PromptMatter {
  const { files, loc } = deriveBudget(law.spec, law.policy, law.waivers).limits;
  const protectedPaths = [...protectedPatterns, ...law.config.protected];
  return { words, spec: law.spec, budget: { maxFiles: files, maxLoc: loc }, protectedPaths, chunk };
}

/** A refused candidate is mended as a whole: what stands against it may lie in any part. */
function partsOf(task: Task): readonly Chunk[] {
  const whole: Chunk = { id: 'whole', words: task.request.words, scope: [], after: [] };
  return task.start_patch === null && task.chunks.length > 0 ? task.chunks : [whole];
}

function candidateOf(task: Task, index: number): Candidate {
  const candidate = task.candidates[index];
  if (candidate === undefined) throw new Error(`task ${task.id} has no candidate ${index}`);
  return candidate;
}

async function loadPlan({ world }: Job, { plan }: Candidate): Promise<PlanOfEdit | null> {
  return plan === null ? null : planOfEditSchema.parse(await getJson(world.tasks, plan));
}

async function assign(
  job: Job,
  task: Task,
  part: {
    readonly chunk: Chunk | null;
    readonly startPatch: string | null;
    readonly plan: PlanOfEdit | null;
    readonly prompt: Prompt;
  },
): Promise<Assignment> {
  const { world, index, law } = job;
  const { chunk, startPatch } = part;
  const scope = chunk === null || chunk.scope.length === 0 ? law.spec.scope : { ...law.spec.scope, in: chunk.scope };
  return {
    taskId: task.id,
    attempt: task.attempt,
    candidate: index,
    chunk: chunk === null || chunk.id === 'whole' ? null : chunk.id,
    agent: job.agent,
    repository: task.request.repository,
    base: task.base ?? '',
    startPatch: startPatch === null ? null : await world.tasks.getContent(startPatch),
    spec: { ...law.spec, scope },
    protectedPaths: law.config.protected,
    prompt: part.prompt,
    plan: part.plan,
    findings: job.findings,
    bounds: remainingBounds(task.request.bounds, task.spend),
    sandbox: law.config.sandbox,
  };
}

/** A plea of parts: the rationale of the last, and the reasons and proofs of those before it. */
async function storePlea(
  { world, index, law }: Job,
  task: Task,
  made: { readonly submission: Submission; readonly plan: PlanOfEdit | null; readonly prompt: Prompt },
): Promise<{ readonly plea: string; readonly patch: string }> {
  const { submission, plan, prompt } = made;
  const before = candidateOf(task, index).chunks.at(-1);
  const earlier = before === undefined ? null : storedPleaSchema.parse(await getJson(world.tasks, before.plea)).plea;
  const { rationale, evidence, spend } = submission;
  const joined = earlier === null ? rationale : joinRationales(earlier.rationale, rationale);
  const stored: StoredPlea = {
    plea: {
      task: task.id,
      spec_id: law.spec.id,
      base: task.base ?? '',
      worker: { ...submission.worker },
      rationale: joined,
      evidence: [...(earlier?.evidence ?? []), ...evidence],
      cost: costOf(spend, earlier?.cost),
    },
    plan,
    patch: await world.tasks.putContent(submission.patch),
    transcript: await world.tasks.putContent(submission.transcript),
    // Its digest is that of its text.
    prompt: { id: prompt.id, sha256: await world.tasks.putContent(new TextEncoder().encode(prompt.text)) },
  };
  return { plea: await putJson(world.tasks, stored), patch: stored.patch };
}

type Rationale = StoredPlea['plea']['rationale'];

function joinRationales(earlier: Rationale, later: Rationale): Rationale {
  const files = new Map([...earlier.files, ...later.files].map((file) => [file.path, file]));
  return {
    summary: `${earlier.summary}\n${later.summary}`,
    files: [...files.values()],
    risks: [...new Set([...earlier.risks, ...later.risks])],
    acceptance: [...earlier.acceptance, ...later.acceptance],
  };
}

function costOf(spend: Spend, earlier: StoredPlea['plea']['cost']): NonNullable<StoredPlea['plea']['cost']> {
  return {
    micro_usd: spend.micro_usd + (earlier?.micro_usd ?? 0),
    input_tokens: spend.input_tokens + (earlier?.input_tokens ?? 0),
    output_tokens: spend.output_tokens + (earlier?.output_tokens ?? 0),
  };
}

/** A submission that asks a human instead of changing something. */
function questionOf({ outcome, spend }: Submission, candidate: number, at_ms: number): TaskEvent | null {
  if (outcome.kind === 'infeasible') {
    const { clause, evidence } = outcome;
    return { type: 'infeasibility-pleaded', at_ms, candidate, clause, evidence, spend };
  }
  if (outcome.kind === 'amendment') {
    return { type: 'amendment-requested', at_ms, candidate, paths: [...outcome.paths], why: outcome.why, spend };
  }
  return null;
}

function tellNews({ tell }: StageContext): (news: WorkNews) => void {
  return ({ kind, text }) => tell(kind, text);
}
