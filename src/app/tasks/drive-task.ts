import { isFault } from '../../core/fault.js';
import type { AgentProfile } from '../../core/registry/agent-profile.js';
import { retryDelayMs } from '../../core/registry/retry.js';
import { type Command, nextCommands } from '../../core/tasks/decide.js';
import { isRace } from '../../core/tasks/routing.js';
import { type Task, isEnded } from '../../core/tasks/task.js';
import type { TaskEvent } from '../../core/tasks/task-event.js';
import type { Clock, Deadline } from '../../ports/clock.js';
import type { Engine } from '../../ports/engine.js';
import type { TaskStore } from '../../ports/task-store.js';
import { reasonOf, isTransient } from './fault-reason.js';
import { type HeldCases, createHeldCases } from './held-cases.js';
import { type Place, isLaterLeg, laneOf, legOptions, legPrefix, legWorkflow, nextTurn } from './lanes.js';
import { type Course, runRace } from './run-race.js';
import type { StageContext, Stages } from './stages.js';
import { type Story, openStory } from './story.js';

/** What driving needs; the same whether stages do real work or a bench's. */
export interface Driver {
  readonly store: TaskStore;
  readonly engine: Pick<Engine, 'enqueue' | 'list'>;
  readonly stages: Stages;
  /** The agent of a name, null when it was removed. */
  readonly findAgent: (name: string) => Promise<AgentProfile | null>;
  /** Takes one of an agent's turns; 0, or how long to wait for one. */
  readonly takeTurn: (name: string, perMinute: number) => Promise<number>;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'pause' | 'deadline' | 'randomBytes'>;
  /** Told of every story that this process has taken on; it tells it on beside the work. */
  readonly follow?: (taskId: string) => Promise<void>;
  /** Who drives, as events record it. */
  readonly executor: () => string;
}

/** One turn at a task, in the queue where it waited. */
export interface Leg {
  /** Of the workflow. */
  readonly id: string;
  readonly taskId: string;
  /** Where the story stood when the leg was asked for. */
  readonly seq: number;
  readonly queue: Place['queue'];
  readonly lane: string | null;
}

/**
 * Drives a task on from where its story stands until it ends, waits for a human, or has to wait its turn elsewhere. May
 * be called again for the same leg after a crash: the story is the checkpoint, and finished stages are not done again.
 * @throws what the store throws; the leg is then taken up again
 */
export async function driveTask(driver: Driver, leg: Leg, signal: AbortSignal): Promise<void> {
  const story = await openStory(driver.store, leg.taskId, driver.executor());
  if (story.seq > leg.seq && !isEnded(story.task.state)) {
    if (await isOvertaken(driver, leg)) return;
    story.happen({ type: 'task-taken-over', at_ms: driver.clock.nowMs(), executor: driver.executor() });
  }
  const deadline = driver.clock.deadline(story.task.request.deadline_ms, signal);
  const cases = createHeldCases();
  try {
    while (!signal.aborted && (await goOn({ ...driver, cases }, leg, story, deadline))) {
      // One turn of the state machine after the other.
    }
  } catch (error) {
    // Someone else drives this task now, or a human has ended it: what this leg knew is history.
    if (!isFault(error, 'TASK_MOVED_ON')) throw error;
  } finally {
    deadline.forget();
    await cases.closeAll();
    await driver.follow?.(leg.taskId);
  }
}

interface Turn extends Driver {
  readonly cases: HeldCases;
}

/** One turn: what is to be done where the story stands. False when this leg has nothing left to do. */
async function goOn(driver: Turn, leg: Leg, story: Story, deadline: Deadline): Promise<boolean> {
  if (deadline.passed()) story.happen({ type: 'deadline-passed', at_ms: driver.clock.nowMs() });
  const commands = nextCommands(story.task);
  const first = commands[0];
  if (first === undefined || first.do === 'rest' || first.do === 'end') {
    await story.commit();
    await driver.stages.learn(story.task);
    return false;
  }
  const elsewhere = await placeElsewhere(driver, leg, story, first);
  if (elsewhere !== null) {
    await moveOn(driver, leg, story, elsewhere);
    return false;
  }
  if (story.task.state === 'working' && isRace(story.task.routing)) await race(driver, story, deadline.signal);
  else await doCommands(driver, story, commands, deadline.signal);
  return true;
}

/**
 * A leg that died after it had asked for the next one is run again as well: two legs of one task would chase each other
 * from lane to lane for ever, so the earlier one gives way.
 */
async function isOvertaken({ engine }: Driver, { taskId, id }: Leg): Promise<boolean> {
  const legs = await engine.list({ prefix: legPrefix(taskId), states: ['enqueued', 'running'] });
  return legs.some((other) => isLaterLeg(other.id, id));
}

interface Elsewhere {
  readonly place: Place;
  readonly delayMs: number;
}

/** Work waits in the lane of its agent; after a fault everything waits a while. Null: here and now is right. */
async function placeElsewhere(driver: Driver, leg: Leg, story: Story, next: Command): Promise<Elsewhere | null> {
  const { task } = story;
  const delayMs = story.seq === leg.seq ? 0 : restMs(driver, task);
  const isWork = next.do === 'start-work' || next.do === 'work';
  const agent = isWork ? await driver.findAgent(task.ladder[task.rung] ?? '') : null;
  const place = agent === null ? placeOf(leg) : { queue: 'work' as const, lane: laneOf(agent, task.id) };
  if (delayMs !== 0 || !isHere(leg, place)) return { place, delayMs };
  const waitMs = next.do === 'start-work' ? await waitForTurn(driver, agent) : 0;
  return waitMs === 0 ? null : { place, delayMs: waitMs };
}

/**
 * How long a task rests after so many faults in a row, with jitter: what one fault stopped does not come back in step. An
 * agent that is to be asked again is not asked before its time.
 */
function restMs({ clock }: Driver, { faults, candidates }: Task): number {
  if (faults === 0) return 0;
  const [byte = 0] = clock.randomBytes(1);
  const until = Math.max(0, ...candidates.map(({ failure }) => failure?.rests_until_ms ?? 0));
  const askedMs = until - clock.nowMs();
  return retryDelayMs(faults, askedMs > 0 ? askedMs : null, byte / 256);
}

function placeOf({ queue, lane }: Leg): Place {
  return lane === null ? { queue } : { queue, lane };
}

function isHere(leg: Leg, { queue, lane }: Place): boolean {
  return queue === leg.queue && lane === (leg.lane ?? undefined);
}

/** Work begins only when the agent has a turn left in this minute. */
async function waitForTurn({ takeTurn }: Driver, agent: AgentProfile | null): Promise<number> {
  const perMinute = agent?.limits.per_minute ?? null;
  return agent === null || perMinute === null ? 0 : takeTurn(agent.name, perMinute);
}

async function moveOn({ engine }: Driver, leg: Leg, story: Story, { place, delayMs }: Elsewhere): Promise<void> {
  await story.commit();
  const { id, request } = story.task;
  const again = story.seq === leg.seq ? nextTurn(leg.id) : '';
  const more = { priority: request.priority, again, ...(delayMs === 0 ? {} : { delayMs }) };
  const input = { taskId: id, seq: story.seq, queue: place.queue, lane: place.lane ?? null };
  await engine.enqueue(legWorkflow, input, legOptions(id, story.seq, place, more));
}

/** Candidates of a race, each on its own way to its verdict. */
async function race(driver: Turn, story: Story, signal: AbortSignal): Promise<void> {
  const { clock, store, cases } = driver;
  const course: Course = {
    task: () => story.task,
    doCommand: (command, own) => {
      const tell: StageContext['tell'] = (kind, text) => store.log(story.task.id, kind, text);
      return doCommand(driver, story, command, { signal: own, tell, cases });
    },
    happened(event) {
      story.happen(event);
      return story.commit();
    },
    clock,
    signal,
  };
  const [outcome] = await Promise.allSettled([runRace(course)]);
  await raiseFaults(driver, story, [{ do: 'work', candidate: 0 }], [outcome], signal);
}

async function doCommands(
  driver: Turn,
  story: Story,
  commands: readonly Command[],
  signal: AbortSignal,
): Promise<void> {
  const context: StageContext = {
    signal,
    tell: (kind, text) => driver.store.log(story.task.id, kind, text),
    cases: driver.cases,
  };
  const done = await Promise.allSettled(commands.map((command) => doCommand(driver, story, command, context)));
  await raiseFaults(driver, story, commands, done, signal);
}

/** The first fault of a stage is told; what says that the story is no longer ours is thrown. */
async function raiseFaults(
  driver: Turn,
  story: Story,
  commands: readonly Command[],
  done: readonly PromiseSettledResult<void>[],
  signal: AbortSignal,
): Promise<void> {
  for (const [index, outcome] of done.entries()) {
    if (outcome.status === 'fulfilled') continue;
    const error: unknown = outcome.reason;
    if (isFault(error, 'TASK_MOVED_ON') || isStoreFault(error)) throw error;
    if (signal.aborted) return;
    const stage = commands[index]?.do ?? 'admit';
    const again = isTransient(error);
    story.happen({ type: 'fault-raised', at_ms: driver.clock.nowMs(), stage, reason: reasonOf(error), again });
    await story.commit();
    return;
  }
}

/** Cheap stages are stored together with what follows; what was paid for is stored at once. */
async function doCommand(driver: Driver, story: Story, command: Command, context: StageContext): Promise<void> {
  const { stages } = driver;
  const { task } = story;
  const told = async (event: TaskEvent): Promise<Task> => {
    story.happen(event);
    await story.commit();
    return story.task;
  };
  switch (command.do) {
    case 'admit':
    case 'decompose':
    case 'route':
    case 'review':
      context.tell('stage', command.do);
      story.happen(await stages[command.do](task, context));
      return;
    case 'start-work':
      await told(stages.startWork(task));
      return;
    case 'start-deliberation':
      story.happen({ type: 'deliberation-started', at_ms: driver.clock.nowMs() });
      return;
    case 'work':
    case 'examine':
    case 'judge':
      context.tell('stage', command.do);
      if (command.do === 'work') await stages.work(task, command.candidate, told, context);
      else await told(await stages[command.do](task, command.candidate, context));
      return;
    case 'record':
      context.tell('stage', command.do);
      await told(await stages.record(task, context));
      return;
    case 'cancel':
    case 'rest':
    case 'end':
  }
}

function isStoreFault(error: unknown): boolean {
  return isFault(error, 'STORE_UNAVAILABLE') || isFault(error, 'STORE_FAILED') || isFault(error, 'DISK_FULL');
}
