import { isFault } from '../../core/fault.js';
import type { DataPoint } from '../../core/learning/data-point.js';
import { derivePoints } from '../../core/learning/derive-points.js';
import { wantedMatter } from '../../core/learning/matter.js';
import type { Clock } from '../../ports/clock.js';
import type { PointStore, Told } from '../../ports/point-store.js';
import type { TaskStore } from '../../ports/task-store.js';
import { type MatterSources, gatherMatter } from './gather-matter.js';

/** Turns stories into data points beside the work, without keeping it waiting as long as it keeps up. */
export interface Tracker {
  /**
   * Has a task's story told as far as it now goes. Comes back at once while there is room in the buffer; when it is full,
   * once there is: work is slowed down, nothing is lost. Never throws: what cannot be told now is told later.
   */
  follow(taskId: string): Promise<void>;
  /** Settles once what was followed is stored, or cannot be. */
  flush(): Promise<void>;
  /**
   * Follows what nobody has: stories that a killed process left, or that ended while no worker was up. Answers how many
   * tasks it told. @throws STORE_UNAVAILABLE, STORE_FAILED
   */
  catchUp(quietMs: number, signal: AbortSignal): Promise<number>;
}

export interface TrackerParts extends MatterSources {
  readonly tasks: Pick<TaskStore, 'read' | 'readEvents' | 'getContent'>;
  readonly points: Pick<PointStore, 'write' | 'told' | 'behind'>;
  readonly clock: Pick<Clock, 'nowMs' | 'pause'>;
  /** Ends the waiting for a store that is away. */
  readonly signal: AbortSignal;
  /** Hears what could not be told, for a person. */
  readonly trouble: (text: string) => void;
  /** Tasks that may wait; 256 when left out. */
  readonly room?: number;
}

/** Tasks that are told in one write. */
const mostInOne = 32;
const mostTries = 6;

/** A tracker with an empty buffer. */
export function createTracker(parts: TrackerParts): Tracker {
  const room = parts.room ?? 256;
  const waiting = new Set<string>();
  let freed: (() => void)[] = [];
  let running: Promise<void> | null = null;

  const release = (): void => {
    const some = freed;
    freed = [];
    for (const go of some) go();
  };
  const nextRoom = (): Promise<void> => new Promise((go) => void freed.push(go));
  const drain = async (): Promise<void> => {
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, mostInOne);
      // Taken out before they are read: what is followed meanwhile is read again.
      for (const id of batch) waiting.delete(id);
      await tellPatiently(parts, batch);
      release();
    }
  };
  const start = (): Promise<void> => {
    running ??= drain().finally(() => {
      running = null;
      release();
    });
    return running;
  };
  const follow = async (taskId: string): Promise<void> => {
    while (waiting.size >= room && !waiting.has(taskId)) await nextRoom();
    waiting.add(taskId);
    void start();
  };
  const flush = async (): Promise<void> => {
    while (waiting.size > 0 || running !== null) await start();
  };
  return {
    follow,
    flush,
    async catchUp(quietMs, signal) {
      const before = new Set<string>();
      for (;;) {
        const ids = await parts.points.behind(quietMs, parts.clock.nowMs(), 512);
        // One that was told and is behind again goes on by itself, or cannot be told: either way not for ever.
        const fresh = ids.filter((id) => !before.has(id));
        if (fresh.length === 0 || signal.aborted) return before.size;
        for (const id of fresh) {
          before.add(id);
          await follow(id);
        }
        await flush();
      }
    },
  };
}

/** A store that is away is waited for, a little longer each time; what then is not told is found by `catchUp`. */
async function tellPatiently(parts: TrackerParts, batch: readonly string[]): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const error = await tell(parts, batch).then(
      () => null,
      (thrown: unknown) => thrown ?? new Error('nothing was said'),
    );
    if (error === null) return;
    if (isPassing(error) && tries < mostTries && !parts.signal.aborted) {
      await parts.clock.pause(100 * 2 ** tries, parts.signal);
    } else if (isPassing(error) || batch.length === 1) {
      const why = error instanceof Error ? error.message : 'nobody knows why';
      parts.trouble(`not tracked yet: ${batch.join(', ')}: ${why}`);
      return;
    } else {
      // One story that cannot be told must not keep the others from it.
      for (const id of batch) await tellPatiently(parts, [id]);
      return;
    }
  }
}

function isPassing(error: unknown): boolean {
  return isFault(error, 'STORE_UNAVAILABLE') || isFault(error, 'DISK_FULL');
}

async function tell(parts: TrackerParts, ids: readonly string[]): Promise<void> {
  const known = await parts.points.told(ids);
  const stories = await Promise.all(ids.map((id) => tellStory(parts, id, known.get(id) ?? 0)));
  const told = stories.flatMap(({ done }) => (done === null ? [] : [done]));
  if (told.length === 0) return;
  await parts.points.write(
    stories.flatMap(({ points }) => points),
    told,
  );
}

async function tellStory(
  parts: TrackerParts,
  taskId: string,
  afterStep: number,
): Promise<{ readonly points: readonly DataPoint[]; readonly done: Told | null }> {
  const [{ task }, events] = await Promise.all([parts.tasks.read(taskId), parts.tasks.readEvents(taskId)]);
  const last = events.at(-1)?.seq ?? 0;
  if (last <= afterStep) return { points: [], done: null };
  const matter = await gatherMatter(parts, wantedMatter(task, events));
  return { points: derivePoints(task, events, matter, afterStep), done: { taskId, step: last } };
}
