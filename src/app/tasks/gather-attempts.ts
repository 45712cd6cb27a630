import { Fault } from '../../core/fault.js';
import { planOfEditSchema } from '../../core/caws/plea.js';
import type { StoredAttempt } from '../../core/tasks/recording.js';
import { nothingSpent } from '../../core/tasks/spend.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { LogLine, RecordedEvent, TaskStore } from '../../ports/task-store.js';
import { getJson } from './stages/task-world.js';
import { storedPleaSchema } from './stored-plea.js';

export type RecordFaultCode = 'NOTHING_RECORDED';

/** What the agents of a task did, attempt by attempt, in the order in which they ended. */
interface Gathered {
  readonly agent: string;
  readonly model: string;
  readonly attempts: readonly StoredAttempt[];
}

/**
 * Gathers what a task's agents did from its story. Their delay is the time between the start of the attempt and its end.
 * @throws NOTHING_RECORDED before anybody has pleaded or failed, TASK_UNKNOWN
 */
export async function gatherAttempts(tasks: TaskStore, taskId: string): Promise<Gathered> {
  const events = await tasks.readEvents(taskId);
  const log = await tasks.readLog(taskId, 0, 10_000);
  const attempts: StoredAttempt[] = [];
  let startedMs = 0;
  let worker = { agent: '', model: '' };
  const plans = new Map<number, string>();
  for (const recorded of events) {
    const { event, atMs } = recorded;
    if (event.type === 'work-started') startedMs = atMs;
    if (event.type === 'plan-proposed') plans.set(event.candidate, event.plan);
    if (event.type === 'plea-submitted') worker = { agent: event.worker.agent, model: event.worker.model };
    const attempt = await storedAttempt(tasks, recorded, plans);
    if (attempt === null) continue;
    attempts.push({ ...attempt, news: linesBetween(log, startedMs, atMs), delayMs: Math.max(0, atMs - startedMs) });
  }
  if (attempts.length > 0)
    return { agent: worker.agent === '' ? 'unknown' : worker.agent, model: worker.model, attempts };
  throw new Fault<RecordFaultCode>('NOTHING_RECORDED', `no agent of task ${taskId} has pleaded or failed yet`, {
    mend: 'arbiter task watch shows how it goes on; record it when it has ended',
  });
}

function linesBetween(log: readonly LogLine[], fromMs: number, toMs: number): readonly LogLine[] {
  return log.filter((line) => line.atMs >= fromMs && line.atMs <= toMs);
}

async function storedAttempt(
  tasks: TaskStore,
  { event }: RecordedEvent,
  plans: ReadonlyMap<number, string>,
): Promise<StoredAttempt | null> {
  if (event.type === 'plea-submitted') return pleaded(tasks, event, plans);
  const blank = { plan: null, patch: new Uint8Array(), chunks: [], rationale: null, evidence: [] };
  const rest = { news: [], delayMs: 0, failure: null };
  switch (event.type) {
    case 'work-failed': {
      const { reason, then, candidate, spend, fault } = event;
      const answer = fault === undefined || fault.status === null ? null : { status: fault.status, code: fault.code };
      const failure = { code: reason.code, message: reason.message, again: then === 'retry', answer };
      return { ...blank, ...rest, candidate, spend, outcome: { kind: 'change' }, failure };
    }
    case 'infeasibility-pleaded': {
      const { clause, evidence, candidate, spend } = event;
      return { ...blank, ...rest, candidate, spend, outcome: { kind: 'infeasible', clause, evidence } };
    }
    case 'amendment-requested': {
      const { paths, why, candidate, spend } = event;
      return { ...blank, ...rest, candidate, spend, outcome: { kind: 'amendment', paths: [...paths], why } };
    }
    default:
      return null;
  }
}

async function pleaded(
  tasks: TaskStore,
  event: Extract<TaskEvent, { type: 'plea-submitted' }>,
  plans: ReadonlyMap<number, string>,
): Promise<StoredAttempt> {
  const { plea, patch } = storedPleaSchema.parse(await getJson(tasks, event.plea));
  const plan = plans.get(event.candidate);
  return {
    candidate: event.candidate,
    plan: plan === undefined ? null : planOfEditSchema.parse(await getJson(tasks, plan)),
    patch: await tasks.getContent(patch),
    chunks: [],
    rationale: plea.rationale,
    evidence: plea.evidence,
    spend: { ...nothingSpent, ...event.spend },
    news: [],
    delayMs: 0,
    outcome: { kind: 'change' },
    failure: null,
  };
}
