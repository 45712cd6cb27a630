import { Fault } from '../../core/fault.js';
import { type ContentKind, contentsEntrySchema } from '../../core/records/content-entries.js';
import { readEntry } from '../../core/ledger/sequence.js';
import { isEnded } from '../../core/tasks/task.js';
import type { ContentFaultCode, ContentName } from '../../ports/content-store.js';
import type { Ports } from '../../ports/ports.js';
import type { OpenRuntime } from '../../ports/runtime.js';
import { contentsOfTask } from './contents-of-task.js';

/** What may be erased of a task or a verdict. A patch is the worker's own form of the diff, and goes with it. */
export const erasableParts = ['prompt', 'transcript', 'diff'] as const;
export type ErasablePart = (typeof erasableParts)[number];

/** What a person asked to have erased. */
export interface ErasureTarget {
  readonly content?: string | undefined;
  readonly task?: string | undefined;
  readonly verdict?: string | undefined;
  readonly parts: readonly ErasablePart[];
}

/** What that comes to in the store. */
export interface FoundContents {
  readonly contents: readonly (ContentName & { readonly what: ContentKind | 'content' })[];
  /** The task whose log goes too: what its agents said as they worked is a transcript. */
  readonly taskLog: string | null;
  readonly taskId: string | null;
  /** How many of what was asked for were erased before. */
  readonly erasedBefore: number;
}

type Stores = Pick<OpenRuntime, 'tasks' | 'contents' | 'ledger'>;

/** @throws CONTENT_UNKNOWN, CONTENT_IN_USE, TASK_UNKNOWN, LEDGER_ENTRY_UNKNOWN, ERASURE_INVALID */
export async function findContents(ports: Ports, stores: Stores, target: ErasureTarget): Promise<FoundContents> {
  const { content, task, verdict } = target;
  if ([content, task, verdict].filter((one) => one !== undefined).length !== 1) {
    throw new Fault<ContentFaultCode>('ERASURE_INVALID', 'it is not clear what to erase', {
      mend: 'name one of a content’s hash, --task ID and --verdict ID',
    });
  }
  if (content !== undefined) return findByHash(stores, content);
  const taskId = task === undefined ? await taskOfVerdict(stores, verdict ?? '') : await stores.tasks.find(task);
  await refuseOpen(stores, taskId);
  return findOfTask(ports, stores, { taskId, verdict, parts: target.parts });
}

async function findByHash({ contents }: Stores, hash: string): Promise<FoundContents> {
  const found = await contents.find(hash);
  const erasedBefore = (await contents.erasures(hash)).length;
  if (found === null && erasedBefore === 0) {
    throw new Fault<ContentFaultCode>('CONTENT_UNKNOWN', `the store holds no content ${hash}, and never erased one`, {
      mend: 'name it by its SHA-256 or by the commitment that arbiter ledger show VERDICT/contents prints',
    });
  }
  const named = found === null ? [] : [{ ...found, what: 'content' as const }];
  return { contents: named, taskLog: null, taskId: null, erasedBefore };
}

async function findOfTask(
  { documents }: Ports,
  { tasks, contents }: Stores,
  asked: { readonly taskId: string; readonly verdict: string | undefined; readonly parts: readonly ErasablePart[] },
): Promise<FoundContents> {
  const { taskId, verdict, parts } = asked;
  const all = await contentsOfTask({ tasks, documents }, taskId);
  const wanted = all.filter(
    ({ what, verdictId }) => isPart(what, parts) && (verdict === undefined || verdict === verdictId),
  );
  const found = new Map<string, FoundContents['contents'][number]>();
  const gone = new Set<string>();
  for (const { what, sha256 } of wanted) {
    const name = await contents.find(sha256);
    if (name !== null) found.set(name.commitment, { ...name, what });
    else gone.add(sha256);
  }
  const withLog = verdict === undefined && parts.includes('transcript');
  const hasLines = withLog && (await tasks.readLog(taskId, 0, 1)).length > 0;
  return { contents: [...found.values()], taskLog: hasLines ? taskId : null, taskId, erasedBefore: gone.size };
}

function isPart(what: ContentKind, parts: readonly ErasablePart[]): boolean {
  return parts.some((part) => part === what || (part === 'diff' && what === 'patch'));
}

async function taskOfVerdict({ ledger }: Stores, verdictId: string): Promise<string> {
  const entry = await ledger.find(`${verdictId}/contents`);
  const said = entry === null ? null : contentsEntrySchema.safeParse(readEntry(entry).spec);
  if (said?.success === true) return said.data.task_id;
  throw new Fault<ContentFaultCode>('CONTENT_UNKNOWN', `the ledger names no contents of a verdict ${verdictId}`, {
    mend: 'name its task with --task ID, or a content by its hash',
  });
}

async function refuseOpen({ tasks }: Stores, taskId: string): Promise<void> {
  const { task } = await tasks.read(taskId);
  if (!isEnded(task.state)) throw inUse(taskId, `it is ${task.state}`);
}

/** A content that a task may still need. */
export function inUse(taskId: string, why: string): Fault<ContentFaultCode> {
  return new Fault('CONTENT_IN_USE', `task ${taskId} is open (${why}), and its contents are needed`, {
    mend: `wait for its end, or end it with arbiter task cancel ${taskId}`,
  });
}
