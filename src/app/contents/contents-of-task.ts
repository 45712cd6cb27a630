import { isFault } from '../../core/fault.js';
import type { ContentKind } from '../../core/records/content-entries.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { Documents } from '../../ports/documents.js';
import type { TaskStore } from '../../ports/task-store.js';
import { storedPleaSchema } from '../tasks/stored-plea.js';
import { readStoredVerdict } from '../verdict/stored-verdict.js';

/** A content that a task's story names. */
export interface TaskContent {
  readonly what: ContentKind;
  readonly sha256: string;
  /** The verdict that was reached on it; null where none was. */
  readonly verdictId: string | null;
}

type Reading = { readonly tasks: Pick<TaskStore, 'readEvents' | 'getContent'>; readonly documents: Documents };

/**
 * Everything that is stored of a task, in the order of its story. What stands in a content that was erased, as a
 * transcript does in its plea, is no longer known by it. @throws TASK_UNKNOWN, CONTENT_MISSING
 */
export async function contentsOfTask(reading: Reading, taskId: string): Promise<readonly TaskContent[]> {
  const told: TaskContent[] = [];
  /** By candidate, since its attempt began. */
  let open = new Map<number, Omit<TaskContent, 'verdictId'>[]>();
  for (const { event } of await reading.tasks.readEvents(taskId)) {
    if (event.type === 'work-started') {
      told.push(...judged(open, null));
      open = new Map();
    }
    if (!('candidate' in event)) continue;
    const { candidate } = event;
    open.set(candidate, [...(open.get(candidate) ?? []), ...(await namedBy(reading, event))]);
    if (event.type !== 'verdict-reached') continue;
    told.push(...judged(new Map([[candidate, open.get(candidate) ?? []]]), event.verdict_id));
    open.delete(candidate);
  }
  return [...told, ...judged(open, null)];
}

function judged(
  open: ReadonlyMap<number, readonly Omit<TaskContent, 'verdictId'>[]>,
  verdictId: string | null,
): TaskContent[] {
  return [...open.values()].flat().map((content) => ({ ...content, verdictId }));
}

async function namedBy(reading: Reading, event: TaskEvent): Promise<Omit<TaskContent, 'verdictId'>[]> {
  switch (event.type) {
    case 'plan-proposed':
      return [{ what: 'plan', sha256: event.plan }];
    case 'plan-refused':
      return [{ what: 'findings', sha256: event.findings }];
    case 'chunk-finished':
    case 'plea-submitted':
      return [
        { what: 'plea', sha256: event.plea },
        { what: 'patch', sha256: event.patch },
        ...(await partsOfPlea(reading, event.plea)),
      ];
    case 'verdict-reached':
      return [
        { what: 'verdict', sha256: event.sha256 },
        { what: 'findings', sha256: event.findings },
        ...(await diffOf(reading, event.sha256)),
      ];
    default:
      return [];
  }
}

async function partsOfPlea({ tasks }: Reading, plea: string): Promise<Omit<TaskContent, 'verdictId'>[]> {
  const bytes = await unlessErased(tasks.getContent(plea));
  if (bytes === null) return [];
  const { transcript, prompt } = storedPleaSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  return [
    { what: 'transcript', sha256: transcript },
    { what: 'prompt', sha256: prompt.sha256 },
  ];
}

async function diffOf(reading: Reading, verdict: string): Promise<Omit<TaskContent, 'verdictId'>[]> {
  const diff = (await unlessErased(readStoredVerdict(reading, verdict)))?.change?.diff_sha256 ?? null;
  return diff === null ? [] : [{ what: 'diff', sha256: diff }];
}

async function unlessErased<Content>(content: Promise<Content>): Promise<Content | null> {
  try {
    return await content;
  } catch (error) {
    if (isFault(error, 'CONTENT_ERASED')) return null;
    throw error;
  }
}
