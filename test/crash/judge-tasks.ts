import { loadKeyring } from '../../src/app/verdict/load-keyring.js';
import { verifyVerdict } from '../../src/app/verdict/verify-verdict.js';
import { applyEvent } from '../../src/core/tasks/apply-event.js';
import { entrySchema, leafOf, noPrev } from '../../src/core/ledger/entry.js';
import { type Task, isEnded, newTask } from '../../src/core/tasks/task.js';
import type { TaskEvent, TaskEventOf } from '../../src/core/tasks/task-event.js';
import type { OpenRuntime } from '../../src/ports/runtime.js';
import type { RecordedEvent } from '../../src/ports/task-store.js';
import type { CrashHome } from './crash-home.js';
import type { Ground } from './ground.js';
import type { Kind } from './kinds.js';
import { namesIn } from './processes.js';

/** What is wrong with a task that ended, against how its kind ends; nothing when all is as it must be. */
export function judgeEnd(task: Task, kind: Kind): readonly string[] {
  const wrong: string[] = [];
  const isTurned = task.ladder.length > 1 && task.ladder.at(-1) === kind.agents[0];
  const turned = isTurned ? kind.firstCameLast : undefined;
  const ends = turned?.ends ?? kind.ends;
  const reasons: readonly (string | null)[] = turned?.reasons ?? [kind.reason];
  if (task.state !== ends) wrong.push(`is ${task.state} and not ${ends} (${task.reason?.message ?? ''})`);
  else if (!reasons.includes(task.reason?.code ?? null)) {
    wrong.push(`says ${task.reason?.code} and not ${reasons.join(' or ')}`);
  }
  if (kind.attempts !== null && task.attempt !== kind.attempts) {
    wrong.push(`took ${task.attempt} attempts and not ${kind.attempts}`);
  }
  if ((task.kept !== null) !== ['accepted', 'awaiting-waiver'].includes(task.state)) {
    wrong.push(`${task.kept === null ? 'keeps no candidate' : 'keeps a candidate'} while it is ${task.state}`);
  }
  return wrong;
}

/** What is wrong with a story: a gap, an event that did nothing, a checkpoint or a verdict twice, another end than stored. */
export function judgeStory(task: Task, events: readonly RecordedEvent[]): readonly string[] {
  const wrong: string[] = [];
  let replayed = newTask(task.id, task.request, task.created_ms);
  const once = new Set<string>();
  let verdicts = 0;
  let recorded = 0;
  for (const [index, { seq, event }] of events.entries()) {
    if (seq !== index + 1) wrong.push(`has event ${seq} at place ${index + 1}`);
    const next = applyEvent(replayed, event);
    const tells = event.type === 'task-submitted' || event.type === 'task-taken-over';
    if (next === replayed && !tells) wrong.push(`event ${seq}, ${event.type}, changed nothing`);
    const mark = markOf(event, replayed.attempt);
    if (mark !== null && once.has(mark)) wrong.push(`${mark} happened twice`);
    if (mark !== null) once.add(mark);
    if (next.state === 'verdict' && replayed.state !== 'verdict') verdicts += 1;
    if (event.type === 'verdict-recorded') recorded += 1;
    replayed = next;
  }
  if (recorded !== verdicts) wrong.push(`reached ${verdicts} verdicts and recorded ${recorded}`);
  if (JSON.stringify(replayed) !== JSON.stringify(task)) wrong.push('its events replayed give another task');
  return wrong;
}

/** What may happen once in an attempt, of a candidate. */
function markOf(event: TaskEvent, attempt: number): string | null {
  switch (event.type) {
    case 'task-submitted':
    case 'task-admitted':
    case 'task-planned':
    case 'worker-chosen':
      return event.type;
    case 'plan-proposed':
    case 'plea-submitted':
    case 'plea-examined':
    case 'verdict-reached':
    case 'work-failed':
    case 'amendment-requested':
      return `${event.type} of candidate ${event.candidate} in attempt ${attempt}`;
    case 'chunk-finished':
      return `${event.type} ${event.chunk} of candidate ${event.candidate} in attempt ${attempt}`;
    case 'verdict-recorded':
    case 'deliberation-started':
      return `${event.type} in attempt ${attempt}`;
    default:
      return null;
  }
}

interface Told {
  readonly task: Task;
  readonly events: readonly RecordedEvent[];
}

/** Every task of the store with its story. */
export async function readAll(runtime: OpenRuntime): Promise<readonly Told[]> {
  const told: Told[] = [];
  for (const task of await runtime.tasks.list({ limit: 10_000 })) {
    told.push({ task, events: await runtime.tasks.readEvents(task.id) });
  }
  return told;
}

/** What is wrong with the files of verdicts: one that does not verify, that no story tells of, or a file of the making. */
export async function judgeVerdicts(
  home: CrashHome,
  ground: Ground,
  told: readonly Told[],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const { ports, stateHome } = home;
  const git = await ports.git.open(ground.repository);
  try {
    const nowMs = ports.clock.nowMs();
    const repositoryId = await git.repositoryId();
    const read = async (path: string): Promise<Uint8Array | null> => {
      const file = `${ground.repository}/${path}`;
      return (await ports.files.exists(file)) ? ports.files.readFile(file) : null;
    };
    const keyring = await loadKeyring({ repositoryId, nowMs, read }, ports.keyring, ports.documents);
    const expected = new Set<string>();
    for (const { task, events } of told) {
      for (const { event } of events) {
        if (event.type !== 'verdict-recorded') continue;
        const folder = event.files.verdict.slice(0, event.files.verdict.lastIndexOf('/'));
        const names = ['change.diff', 'verdict.yaml', 'verdict.yaml.sig', 'verdict.sigstore.json'];
        for (const name of names) expected.add(`${folder}/${name}`);
        if (event.files.signature === null) wrong.push(`a verdict of task ${task.id} is not signed`);
        const asked = { file: event.files.verdict, keyring, keyringSource: 'the keyring', repositoryId, nowMs };
        const { verified, checks, verdict } = await verifyVerdict(asked, ports);
        // Only a PASS that counts has a summary.
        if (verdict?.verdict === 'PASS' && !verdict.advisory) expected.add(`${folder}/verdict.svr.dsse.json`);
        const failed = checks.filter(({ passed }) => !passed);
        if (!verified) wrong.push(`${event.files.verdict}: ${failed.map(({ detail }) => detail).join('; ')}`);
      }
    }
    const root = `${stateHome}/verdicts`;
    for (const task of namesIn(root)) {
      for (const attempt of namesIn(`${root}/${task}`)) {
        for (const name of namesIn(`${root}/${task}/${attempt}`)) {
          const path = `${root}/${task}/${attempt}/${name}`;
          if (!expected.delete(path)) wrong.push(`${path} is of no story`);
        }
      }
    }
    for (const path of expected) wrong.push(`${path} is missing`);
  } finally {
    await git.close();
  }
  return wrong;
}

/** What is wrong with the ledger: a verdict that was recorded and is not its entry once, an entry of no story, a broken log. */
export async function judgeLedger({ ledger }: OpenRuntime, told: readonly Told[]): Promise<readonly string[]> {
  const recorded = told.flatMap(({ task, events }) => {
    const verdicts = events.flatMap(({ event }) => (event.type === 'verdict-recorded' ? [event.files.verdict] : []));
    return verdicts.map((file) => ({ task: task.id, file }));
  });
  const head = await ledger.head();
  const verdicts: string[] = [];
  const wrong: string[] = [];
  let prev = noPrev;
  for await (const { index, key, bytes } of ledger.entries(0, head.size)) {
    const entry = entrySchema.parse(JSON.parse(Buffer.from(bytes).toString()));
    if (entry.prev !== prev) wrong.push(`entry ${index} does not follow the one before`);
    prev = leafOf(bytes);
    if (entry.kind === 'dsse') verdicts.push(key);
  }
  if (new Set(verdicts).size !== verdicts.length) wrong.push('a verdict stands in the ledger twice');
  if (verdicts.length !== recorded.length) {
    wrong.push(`${recorded.length} verdicts were recorded and ${verdicts.length} stand in the ledger`);
  }
  return wrong;
}

/** What is wrong with our refs: each kept candidate stands there on its base, and nothing else does. */
export async function judgeRefs(ground: Ground, tasks: readonly Task[]): Promise<readonly string[]> {
  const lines = (await ground.git('for-each-ref', '--format=%(refname) %(objectname) %(parent)', 'refs/arbiter'))
    .split('\n')
    .filter((line) => line !== '')
    .sort();
  const kept = tasks.flatMap((task) =>
    task.kept === null ? [] : [`${task.kept.ref} ${task.kept.commit} ${task.base ?? ''}`],
  );
  return [
    ...lines.filter((line) => !kept.includes(line)).map((line) => `a ref that no task keeps: ${line}`),
    ...kept.filter((line) => !lines.includes(line)).map((line) => `a kept candidate has no such ref: ${line}`),
  ];
}

/** Legs that wait or run for tasks that need none. */
export async function findNeedlessLegs(runtime: OpenRuntime, tasks: readonly Task[]): Promise<readonly string[]> {
  const resting = new Set(tasks.filter((task) => isResting(task)).map(({ id }) => id));
  const legs = await runtime.engine.list({ prefix: 'leg/', states: ['enqueued', 'running'] });
  return legs.filter(({ id }) => resting.has(id.split('/')[1] ?? '')).map(({ id, state }) => `${id} is ${state}`);
}

/** True when nothing more is done for the task but by a person. */
export function isResting({ state }: Task): boolean {
  return isEnded(state) || state === 'awaiting-waiver' || state === 'awaiting-amendment';
}

/** Faults that were told in the stories, in words. */
export function toldFaults(told: readonly Told[]): readonly string[] {
  return told
    .flatMap(({ events }) => events.map(({ event }) => event))
    .filter((event): event is TaskEventOf<'fault-raised'> => event.type === 'fault-raised')
    .map(({ reason, stage }) => `${reason.code} at ${stage}: ${reason.message.slice(0, 200)}`);
}

/** How often each text is there. */
export function tally(texts: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}
