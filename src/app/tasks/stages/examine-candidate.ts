import { digestBytes } from '../../../core/digest.js';
import type { Change } from '../../../core/caws/change.js';
import type { Finding } from '../../../core/caws/finding.js';
import type { Verdict } from '../../../core/caws/verdict/verdict.js';
import { renderVerdict } from '../../../core/caws/verdict/verdict-yaml.js';
import { explainVerdict } from '../../../core/caws/verdict/explain-verdict.js';
import { canWorkerMend } from '../../../core/tasks/mendable.js';
import type { Task } from '../../../core/tasks/task.js';
import type { TaskEvent } from '../../../core/tasks/task-event.js';
import type { GitSession } from '../../../ports/git.js';
import type { Ports } from '../../../ports/ports.js';
import {
  type ExaminedCase,
  type VerdictNaming,
  decideCase,
  deliberateCase,
  examineCase,
  openCase,
} from '../../adjudicate/case.js';
import type { Deliberation } from '../../adjudicate/deliberate.js';
import type { OperationContext } from '../../operation.js';
import { type HeldCase, caseKey } from '../held-cases.js';
import { type StoredPlea, storedPleaSchema, submittedPleaOf } from '../stored-plea.js';
import { readLastEntryMs } from '../../ledger/last-entry.js';
import { type WaiverDesk } from '../../waivers/gather-waivers.js';
import { settleUses } from '../../waivers/settle-uses.js';
import { rememberVerdict } from '../../verdict/stored-verdict.js';
import type { StageContext } from '../stages.js';
import { readCourse } from './read-course.js';
import { type TaskWorld, getJson, putJson } from './task-world.js';

/** Measures and examines a plea: cheap, so that what is hopeless costs no gate. */
export async function examineCandidate(
  world: TaskWorld,
  task: Task,
  index: number,
  context: StageContext,
): Promise<TaskEvent> {
  return withCase(world, task, index, context, async ({ examined }) => {
    const open = examined.examination.findings.filter((finding) => finding.severity !== 'advisory');
    for (const finding of open.slice(0, 10)) {
      context.tell('note', `${finding.rule}${finding.path === null ? '' : ` ${finding.path}`}: ${finding.message}`);
    }
    return {
      type: 'plea-examined',
      at_ms: world.ports.clock.nowMs(),
      candidate: index,
      result: isBlocked(examined) ? 'blocked' : 'clean',
      files: examined.change?.totals.files ?? 0,
      lines: examined.change?.totals.loc ?? 0,
      open: [...new Set(open.map((finding) => finding.rule))].slice(0, 50),
    };
  });
}

/**
 * Runs the gates and reaches the verdict, which is stored before anybody signs it: of two processes that judge one
 * candidate only one verdict becomes part of the story. A blocked candidate is not deliberated: it fails as it stands.
 */
export async function judgeCandidate(
  world: TaskWorld,
  task: Task,
  index: number,
  context: StageContext,
): Promise<TaskEvent> {
  const { ports, tasks } = world;
  return withCase(world, task, index, context, async ({ git, opened, examined }) => {
    const deliberation = isBlocked(examined)
      ? null
      : await deliberateCase(ports, git, opened, examined, operationContext(context));
    context.signal.throwIfAborted();
    const diff = examined.change === null ? null : await readDiff(git, examined.change);
    const naming = {
      task: { id: task.id, attempt: task.attempt },
      idBytes: ports.clock.randomBytes(10),
      nonceBytes: ports.clock.randomBytes(16),
      diffSha256: diff === null ? null : digestBytes(diff),
      monotonicMs: ports.clock.monotonicMs(),
      course: await readCourse(world, task, index),
    };
    const desk = deskOf(world, task, index);
    const verdict = await reachSettled(ports, { git, opened, examined }, { deliberation, naming, desk, context });
    const [sha256, findings] = await Promise.all([
      tasks.putContent(renderVerdict(verdict)),
      putJson(tasks, givenBack(verdict)),
      ...(diff === null ? [] : [tasks.putContent(diff)]),
    ]);
    rememberVerdict(ports.documents, sha256, verdict);
    return verdictReached(verdict, { index, sha256, findings }, ports.clock.nowMs());
  });
}

/** The verdict, once it holds a use of every waiver that it leans on: reached again as long as others were faster. */
async function reachSettled(
  ports: Ports,
  { git, opened, examined }: HeldCase,
  judged: {
    readonly deliberation: Deliberation | null;
    readonly naming: VerdictNaming;
    readonly desk: WaiverDesk;
    readonly context: StageContext;
  },
): Promise<Verdict> {
  const { deliberation, naming, desk, context } = judged;
  const verdict = decideCase(ports, git, opened, examined, deliberation, naming);
  const settled = await settleUses(desk, opened.constitution, verdict);
  if (settled.stands) {
    const { verdictId } = settled;
    if (verdictId === verdict.verdict_id) return verdict;
    return decideCase(ports, git, opened, examined, deliberation, { ...naming, heldId: verdictId });
  }
  // The budget was raised by what is gone, so the change is examined again; each round has a valid waiver less.
  const less = { ...opened, constitution: { ...opened.constitution, waivers: settled.waivers } };
  const again = await examineCase(ports, git, less, operationContext(context));
  return reachSettled(ports, { git, opened: less, examined: again }, judged);
}

/** A use belongs to this very candidate. */
function deskOf({ waivers, ledger }: TaskWorld, task: Task, index: number): WaiverDesk {
  const lastEntryMs = (): Promise<number | null> => readLastEntryMs(ledger);
  return { store: waivers, taskId: task.id, claim: caseKey(task, index), lastEntryMs };
}

function isBlocked({ examination }: ExaminedCase): boolean {
  return examination.findings.some((finding) => finding.severity === 'block');
}

function verdictReached(
  verdict: Verdict,
  { index, sha256, findings }: { readonly index: number; readonly sha256: string; readonly findings: string },
  at_ms: number,
): TaskEvent {
  const open = openFindings(verdict);
  const lines = verdict.budgets?.measured.loc ?? 0;
  return {
    type: 'verdict-reached',
    at_ms,
    candidate: index,
    verdict_id: verdict.verdict_id,
    outcome: verdict.verdict,
    sha256,
    findings,
    headline: headlineOf(verdict),
    mendable: open.length > 0 && open.every((finding) => canWorkerMend(finding.rule)),
    cost: open.length * 100_000 + Math.min(lines, 99_999),
  };
}

function openFindings(verdict: Verdict): readonly Verdict['findings'][number][] {
  return verdict.findings.filter((finding) => finding.severity !== 'advisory' && finding.waived_by === null);
}

/** Outcome and the gravest thing that stands against it, in one line. */
function headlineOf(verdict: Verdict): string {
  const [first] = openFindings(verdict);
  const [headline = verdict.verdict] = explainVerdict(verdict);
  return first === undefined
    ? headline
    : `${verdict.verdict}: ${first.rule}${first.path === null ? '' : ` ${first.path}`}: ${first.message}`;
}

/** What a worker is told: all that stands against its candidate, and a little advice. */
function givenBack(verdict: Verdict): Finding[] {
  const advice = verdict.findings.filter((finding) => finding.severity === 'advisory').slice(0, 10);
  return [...openFindings(verdict), ...advice].map(({ rule, clause, severity, path, line, message, why, mend }) => ({
    rule,
    clause,
    severity,
    path,
    line,
    message,
    why,
    mend,
  }));
}

async function readDiff(git: GitSession, change: Change): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of git.diff(change)) chunks.push(chunk);
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Hands the candidate's examined case to `use`: the one that an earlier stage of this leg has left, else opened on its
 * base and examined now. What works out is left for the next stage.
 */
async function withCase<Result>(
  world: TaskWorld,
  task: Task,
  index: number,
  context: StageContext,
  use: (held: HeldCase) => Promise<Result>,
): Promise<Result> {
  const key = caseKey(task, index);
  const held = context.cases.take(key) ?? (await openHeldCase(world, task, index, context));
  try {
    const result = await use(held);
    context.cases.keep(key, held);
    return result;
  } catch (error) {
    await held.git.close();
    throw error;
  }
}

async function openHeldCase(world: TaskWorld, task: Task, index: number, context: StageContext): Promise<HeldCase> {
  const { ports } = world;
  const stored = await loadPlea(world, task, index);
  const git = await ports.git.open(task.request.repository, { signal: context.signal });
  try {
    const base = await git.resolveCommit(task.base ?? 'HEAD');
    const patch = await world.tasks.getContent(stored.patch);
    const candidate = { base, head: null, tree: await git.sealPatch(base.id, patch) };
    const brought = {
      candidate,
      plea: submittedPleaOf(stored),
      spec: task.spec_id ?? undefined,
      key: task.request.key ?? undefined,
      review: undefined,
      desk: deskOf(world, task, index),
    };
    const opened = await openCase(ports, git, brought);
    const examined = await examineCase(ports, git, opened, operationContext(context));
    // A git that was stopped together with us fails like one that cannot measure: that must become no verdict.
    context.signal.throwIfAborted();
    return { git, opened, examined };
  } catch (error) {
    await git.close();
    throw error;
  }
}

async function loadPlea({ tasks }: TaskWorld, task: Task, index: number): Promise<StoredPlea> {
  const sha256 = task.candidates[index]?.plea?.sha256 ?? '';
  return storedPleaSchema.parse(await getJson(tasks, sha256));
}

function operationContext({ signal, tell }: StageContext): OperationContext {
  return {
    signal,
    progress: {
      stage: (name, detail) => tell('stage', detail === undefined ? name : `${name}: ${detail}`),
      note: (text) => tell('note', text),
    },
  };
}
