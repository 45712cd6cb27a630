import { digestText } from '../digest.js';
import { applyEvent } from '../tasks/apply-event.js';
import { nothingSpent } from '../tasks/spend.js';
import { type Task, isEnded, newTask } from '../tasks/task.js';
import type { TaskEvent } from '../tasks/task-event.js';
import type { DataPoint, DataPointOf } from './data-point.js';
import { type PlacedEvent, type RedactedText, type StoryMatter, cutText, textOf } from './matter.js';
import { missingOf, outcomeOf } from './outcome-of-execution.js';
import { type Telling, beginTelling, captureOf, executionOf, outcomeVerdictOf, tellOn } from './telling.js';

type Distribute<T> = T extends DataPoint ? Omit<T, keyof Head> : never;
/** What a kind of point says beside its head. */
type Body = Distribute<DataPoint>;
type Head = Pick<
  DataPoint,
  | 'version'
  | 'task_id'
  | 'step'
  | 'at_ms'
  | 'skew_ms'
  | 'attempt'
  | 'candidate'
  | 'agent'
  | 'decision_id'
  | 'surface'
  | 'complexity'
  | 'removed'
  | 'missing'
>;

/**
 * The data points of a story, in its order: pure, so that the same story with the same matter gives the same points,
 * whoever derives them and how often. An event that changed nothing gives none. Instants never go back: where a clock
 * did, the point stands at the instant before it and says by how much. `afterStep` leaves out what is known already.
 */
export function derivePoints(
  task: Pick<Task, 'id' | 'request' | 'created_ms'>,
  events: readonly PlacedEvent[],
  matter: StoryMatter,
  afterStep = 0,
): readonly DataPoint[] {
  const points: DataPoint[] = [];
  let telling = beginTelling(newTask(task.id, task.request, task.created_ms));
  for (const { seq, event } of events) {
    const next = applyEvent(telling.task, event);
    const after = tellOn(telling, event, next, matter);
    if (seq > afterStep) points.push(...pointsOf({ before: telling, after, event, matter, step: seq }));
    telling = after;
  }
  return points;
}

interface Scene {
  readonly before: Telling;
  readonly after: Telling;
  readonly event: TaskEvent;
  readonly matter: StoryMatter;
  readonly step: number;
}

function pointsOf(scene: Scene): readonly DataPoint[] {
  const { before, after, event } = scene;
  const body = bodies[event.type] ?? null;
  // Each entry takes the event of its own key.
  const own = body === null ? null : (body as (event: TaskEvent, scene: Scene) => Body)(event, scene);
  const found = own === null ? [] : [place(scene, own)];
  const outcome = outcomePoint(scene);
  if (outcome !== null) found.push(outcome);
  if (isEnded(after.task.state) && !isEnded(before.task.state)) found.push(place(scene, endBody(scene)));
  return found;
}

function outcomePoint(scene: Scene): DataPoint | null {
  const { before, after, event, matter } = scene;
  const verdict = outcomeVerdictOf(event);
  if (verdict === null || !('candidate' in event) || event.candidate === null) return null;
  const one = executionOf(before, event.candidate);
  const grown = after.executions.find(
    ({ attempt, candidate }) => attempt === one?.attempt && candidate === one.candidate,
  );
  if (one === null || grown === undefined) return null;
  const judged = event.type === 'verdict-reached' ? (matter.verdicts.get(event.sha256) ?? null) : null;
  const told = { taskId: after.task.id, atMs: after.lastMs, judged };
  const outcome = outcomeOf({ ...grown, told: one.told }, verdict, told, matter);
  return { ...place(scene, { kind: 'outcome', outcome }), missing: missingOf(outcome) };
}

function place(scene: Scene, body: Body): DataPoint {
  const { before, after, event, matter, step } = scene;
  const index = 'candidate' in event ? event.candidate : null;
  const one = index === null ? null : executionOf(before, index);
  const decisionId = one?.decisionId ?? after.decisionId;
  const decision = decisionId === null ? undefined : matter.decisions.get(decisionId);
  const head: Head = {
    version: 1,
    task_id: after.task.id,
    step,
    at_ms: after.lastMs,
    skew_ms: Math.max(0, before.lastMs - event.at_ms),
    attempt: after.task.attempt,
    candidate: one?.candidate ?? null,
    agent: one?.agent ?? null,
    decision_id: decisionId,
    surface: decision?.surface ?? null,
    complexity: decision?.complexity ?? null,
    removed: { ...said(scene).removed },
    missing: [],
  };
  // Head and body of one kind: together they are the point of that kind.
  return { ...head, ...body };
}

function said({ event, after, matter }: Scene): RedactedText {
  const words = event.type === 'task-submitted' ? after.task.request.words : textOf(event);
  const nothing = { text: '', removed: {} };
  return words === '' ? nothing : (matter.texts.get(cutText(words)) ?? nothing);
}

type Bodies = {
  readonly [Type in TaskEvent['type']]: (event: Extract<TaskEvent, { type: Type }>, scene: Scene) => Body;
};

/** What is not in here gives no point of its own: it only moves the task on. */
const bodies: Partial<Bodies> = {
  'task-submitted': (_event, scene) => taskBody(scene),
  'task-admitted': ({ spec_id }) => ({ kind: 'admission', result: 'admitted', spec_id, reason: '' }),
  'admission-refused': (_event, scene) => admission('refused', scene),
  'human-answered': (_event, scene) => admission('answered', scene),
  'worker-chosen': ({ ladder }, scene) => decisionBody(ladder, scene),
  'no-worker-found': (_event, scene) => decisionBody([], scene),
  'plan-proposed': ({ files, lines, spend }) => ({ kind: 'plan', result: 'admitted', files, lines, spend, reason: '' }),
  'plan-refused': ({ spend }, scene) => ({
    kind: 'plan',
    result: 'refused',
    files: null,
    lines: null,
    spend,
    reason: said(scene).text,
  }),
  'chunk-finished': (event, scene) => executionBody('part', event, scene),
  'plea-submitted': (event, scene) => executionBody('plea', event, scene),
  'work-failed': (event, scene) => executionBody('failed', event, scene),
  'candidate-cancelled': (event, scene) => executionBody('cancelled', event, scene),
  'infeasibility-pleaded': (event, scene) => executionBody('infeasible', event, scene),
  'amendment-requested': (event, scene) => executionBody('amendment', event, scene),
  'plea-examined': ({ result, files, lines, open }) => ({ kind: 'examination', result, files, lines, open }),
  'verdict-reached': ({ verdict_id, outcome, sha256 }, scene) => ({
    kind: 'verdict',
    verdict_id,
    outcome,
    ...(scene.matter.verdicts.get(sha256) ?? untold),
    reason: said(scene).text,
  }),
  'task-taken-over': () => ({ kind: 'fault', stage: 'worker', code: 'TAKEN_OVER', again: true, reason: '' }),
  'fault-raised': ({ stage, reason, again }, scene) => ({
    kind: 'fault',
    stage,
    code: reason.code,
    again,
    reason: said(scene).text,
  }),
  'deadline-passed': () => ({ kind: 'fault', stage: 'task', code: 'DEADLINE_PASSED', again: false, reason: '' }),
};

const untold = { verifier: null, trust: null, gates: [], findings: {}, unsupported_claims: null };

function taskBody(scene: Scene): Body {
  const { request } = scene.after.task;
  return {
    kind: 'task',
    words: said(scene).text,
    words_length: request.words.length,
    repository: digestText(request.repository).slice(0, 16),
    agents_named: request.agents.length,
    candidates: request.candidates,
  };
}

function admission(result: 'refused' | 'answered', scene: Scene): Body {
  return { kind: 'admission', result, spec_id: scene.after.task.spec_id, reason: said(scene).text };
}

function decisionBody(ladder: readonly string[], scene: Scene): Body {
  const { decisionId } = scene.after;
  const decision = decisionId === null ? undefined : scene.matter.decisions.get(decisionId);
  const chosen = decision?.eligible.find(({ arm }) => arm.agent === decision.chosen);
  return {
    kind: 'decision',
    result: ladder.length === 0 ? 'nobody' : 'chosen',
    ladder: [...ladder],
    seed: decision?.policy.seed ?? null,
    propensity: chosen?.propensity ?? null,
    plan: decision?.plan.kind ?? null,
    reason: said(scene).text,
  };
}

type Worked = Extract<
  TaskEvent,
  {
    type:
      | 'chunk-finished'
      | 'plea-submitted'
      | 'work-failed'
      | 'candidate-cancelled'
      | 'infeasibility-pleaded'
      | 'amendment-requested';
  }
>;

function executionBody(result: DataPointOf<'execution'>['result'], event: Worked, scene: Scene): Body {
  const one = executionOf(scene.after, event.candidate);
  const text = (raw: string | null): string | null =>
    raw === null ? null : (scene.matter.texts.get(raw)?.text ?? null);
  return {
    kind: 'execution',
    result,
    spend: event.spend,
    version_of_agent: text(one?.version ?? null),
    model: text(one?.model ?? null),
    prompt: one?.prompt ?? null,
    capture: one === null ? null : captureOf(one),
    code: event.type === 'work-failed' ? event.reason.code : null,
    reason: said(scene).text,
  };
}

function endBody({ before, after }: Scene): Body {
  const { task, executions, lastMs } = after;
  const first = executions.filter(({ attempt }) => attempt === 1);
  const counted = first.find(({ verdict }) => verdict === 'PASS') ?? first.find(({ verdict }) => verdict !== null);
  return {
    kind: 'end',
    state: task.state as DataPointOf<'end'>['state'],
    attempts: task.attempt,
    first_agent: first[0]?.agent ?? null,
    first_verdict: counted?.verdict ?? null,
    escalations: after.escalations,
    fallbacks: after.fallbacks,
    refinements: after.refinements,
    takeovers: after.takeovers,
    spend: task.spend ?? nothingSpent,
    wall_ms: Math.max(0, lastMs - before.task.created_ms),
    code: task.reason?.code ?? null,
  };
}
