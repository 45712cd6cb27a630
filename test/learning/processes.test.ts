import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system-clock.js';
import { compareOutcomes } from '../../src/app/learning/compare-outcomes.js';
import { learnLate } from '../../src/app/routing/learn-late.js';
import { learnTask } from '../../src/app/routing/learn-task.js';
import { type TestCluster, type TestDatabase, startTestCluster } from '../store/cluster.js';
import { openTestStores } from '../store/stores.js';
import type { Job } from './outcome-process.js';
import { type Learner, type Story, lateOutcome, layStory, openLearner } from './routed-story.js';

const script = join(import.meta.dirname, 'outcome-process.ts');
const signal = new AbortController().signal;
const ends = ['PASS', 'FAIL', 'WAIVER_REQUIRED'] as const;

describe('processes that learn of the same stories', { timeout: 180_000 }, () => {
  let cluster: TestCluster;
  let urls: TestDatabase;
  let own: Learner;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    cluster = await startTestCluster();
  }, 60_000);
  beforeEach(async () => {
    urls = await cluster.createDatabase();
    own = await openLearner(await openTestStores(urls));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await own.database.close();
  });
  afterAll(() => cluster.stop());

  const start = (job: Job) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, urls.ownerUrl, urls.appUrl, job], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    const exit = once(child, 'exit');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, exit, next: () => lines.next(), go: (given: unknown) => child.stdin.end(JSON.stringify(given)) };
  };
  const layAll = async (count: number): Promise<Story[]> => {
    const stories: Story[] = [];
    for (let index = 0; index < count; index += 1) {
      const end = ends[index % 3] ?? 'PASS';
      stories.push(await layStory(own.database, 'pi', 'standard', [{ end, cost: index }]));
    }
    return stories;
  };
  const compare = () => compareOutcomes({ ...own.database, clock: systemClock }, signal);
  const equal = { differences: [], memories: [], sums: [], histories: [] };

  it('lose no update of eight on one arm, in any of the three', async () => {
    const stories = await layAll(120);
    await own.tracker.catchUp(0, signal);
    const ids = stories.map(({ task }) => task.id);
    // Each third story is revised from outside meanwhile, and each word is handed in by two.
    const late = stories
      .filter((_, index) => index % 3 === 0)
      .map((story, index) => lateOutcome(story, { attempt: 1, revision: 1, verdict: 'FAIL', cost: 1000 + index }));
    const shifted = (at: number): string[] => [...ids.slice(at), ...ids.slice(0, at)].slice(0, 60);
    const crew = [0, 20, 40, 60, 80, 100].map((at) => ({ process: start('learn'), given: shifted(at) as unknown[] }));
    crew.push({ process: start('late'), given: late }, { process: start('late'), given: late.toReversed() });
    for (const { process } of crew) await process.next();
    for (const { process, given } of crew) process.go(given);
    expect(await Promise.all(crew.map(({ process }) => process.exit))).toEqual(crew.map(() => [0, null]));
    expect(await compare()).toMatchObject({ ...equal, compared: 120 });
    // 40 passed and were reverted, 40 failed, 40 wait for a waiver.
    const [tally, ...others] = await own.database.routes.tally(['pi@1']);
    const cost = stories.reduce((sum, _, index) => sum + (index % 3 === 0 ? 1000 + index / 3 : index), 0);
    expect(others).toEqual([]);
    expect([tally?.count, tally?.reward, tally?.costMicroUsd]).toEqual([120, expect.closeTo(40 * 0.4, 9), cost]);
    const { memory } = await own.database.routes.recall('code-editing/standard/r', ['pi@1']);
    expect(memory).toMatchObject({
      arms: { 'pi@1': { pulls: 120, reward: expect.closeTo(16, 6) as number } },
      pending: {},
    });
    const { histories } = await own.database.registry.read(null);
    expect(histories.map(({ history }) => [history.n, history.passed])).toEqual([[120, 0]]);
  });

  it('leave nothing half learned when they are killed: whoever looks next finishes it', async () => {
    const stories = await layAll(30);
    await own.tracker.catchUp(0, signal);
    for (const { task } of stories) await learnTask(own.world, task);
    const late = stories.map((story) => lateOutcome(story, { attempt: 1, revision: 1, verdict: 'FAIL', cost: 5 }));
    let rest = late;
    for (let kills = 0; kills < 6 && rest.length > 0; kills += 1) {
      const process = start('late');
      await process.next();
      process.go(rest);
      // At its third outcome, in the middle of whatever it does a few milliseconds later.
      for (let count = 0; count < 3; count += 1) await process.next();
      await new Promise((resolve) => setTimeout(resolve, kills * 3));
      process.child.kill('SIGKILL');
      await process.exit;
      rest = rest.slice(3);
    }
    await own.database.points.takeLate(late, Date.now());
    await learnLate(own.world, signal);
    expect(await compare()).toMatchObject({ ...equal, compared: 30 });
    const [tally] = await own.database.routes.tally(['pi@1']);
    expect([tally?.count, tally?.reward, tally?.costMicroUsd]).toEqual([30, 0, 150]);
    expect(await own.database.points.unlearned(10)).toEqual([]);
  });

  it('tell every point once, when one is killed while it writes and another catches up', async () => {
    const stories = await layAll(400);
    const process = start('track');
    await process.next();
    process.go(stories.map(({ task }) => task.id));
    // Its buffer takes 256 tasks, and it writes 32 at a time: at the 257th it has begun.
    for (let count = 0; count < 258; count += 1) await process.next();
    process.child.kill('SIGKILL');
    await process.exit;
    const halfway = await own.database.points.state();
    expect(halfway.behind).toBeGreaterThan(0);
    expect(halfway.behind).toBeLessThan(400);
    await own.tracker.catchUp(0, signal);
    const state = await own.database.points.state();
    expect([state.tasks, state.behind, state.ended, state.points.outcome]).toEqual([400, 0, 400, 400]);
    const seen = new Map<string, number>();
    for await (const page of own.database.points.read({})) {
      for (const { task_id, step, kind } of page) {
        const key = `${task_id}/${step}/${kind}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    }
    expect([...seen.values()].filter((count) => count !== 1)).toEqual([]);
    // Task, admission, decision, execution, examination, verdict, outcome, end.
    expect(seen.size).toBe(400 * 8);
  });
});
